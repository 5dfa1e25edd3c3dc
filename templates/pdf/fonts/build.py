"""Makes the two fonts of this folder (Portal Sans Regular and SemiBold).

    python3 -m venv v && v/bin/pip install fonttools==4.66.1
    npm pack @expo-google-fonts/inter@0.4.2
    npm pack @expo-google-fonts/noto-sans-armenian@0.4.2
    npm pack @expo-google-fonts/noto-sans-georgian@0.4.3
    (unpack each into a folder named inter, noto-sans-armenian, noto-sans-georgian)
    v/bin/python build.py FOLDER_OF_THE_THREE OUTPUT_FOLDER

Inter gives Latin, Greek, Cyrillic and signs; Noto Sans gives Armenian and Georgian. What the PDF writer
does not use (kerning, ligatures, hints) is dropped, digits become tabular ones, and every character gets a
glyph of its own, so that copying text out of a PDF gives back the very character that went in.
"""

import copy
import sys
from pathlib import Path

from fontTools.merge import Merger
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.ttLib.scaleUpem import scale_upem

UNITS = 2048
INTER = [
    (0x20, 0x7E), (0xA0, 0x52F), (0x1D00, 0x1DBF), (0x1E00, 0x1FFF), (0x2010, 0x2027), (0x2030, 0x205E),
    (0x2070, 0x209F), (0x20A0, 0x20CF), (0x2100, 0x214F), (0x2150, 0x218B), (0x2190, 0x2199),
    (0x2200, 0x22FF), (0x25A0, 0x25FF), (0x2713, 0x2717), (0x2C60, 0x2C7F), (0xA720, 0xA7FF), (0xFB00, 0xFB06),
]
ARMENIAN = [(0x530, 0x58F), (0xFB13, 0xFB17)]
GEORGIAN = [(0x10A0, 0x10FF), (0x1C90, 0x1CBF), (0x2D00, 0x2D2F)]


def part(path, ranges):
    font = TTFont(path)
    if ranges is INTER:
        tabular_digits(font)
    options = Options()
    options.layout_features = []
    options.hinting = False
    options.notdef_outline = True
    options.drop_tables += ['GSUB', 'GPOS', 'GDEF', 'STAT', 'DSIG', 'kern', 'meta', 'gasp', 'avar', 'fvar']
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[point for first, last in ranges for point in range(first, last + 1)])
    subsetter.subset(font)
    for table in ('GSUB', 'GPOS', 'GDEF'):
        if table in font:
            del font[table]
    if font['head'].unitsPerEm != UNITS:
        scale_upem(font, UNITS)
    return font


def tabular_digits(font):
    gsub = font['GSUB'].table
    lookups = {i for f in gsub.FeatureList.FeatureRecord if f.FeatureTag == 'tnum' for i in f.Feature.LookupListIndex}
    swap = {}
    for index in lookups:
        for sub in gsub.LookupList.Lookup[index].SubTable:
            sub = getattr(sub, 'ExtSubTable', sub)
            swap.update(getattr(sub, 'mapping', {}))
    for table in font['cmap'].tables:
        for point in range(0x30, 0x3A):
            if point in table.cmap:
                table.cmap[point] = swap.get(table.cmap[point], table.cmap[point])


def one_glyph_each(font):
    """A glyph shared by two characters could only be copied out as one of them: the second gets a twin."""
    taken, order = set(), font.getGlyphOrder()
    twins = {}
    for table in font['cmap'].tables:
        for point, name in sorted(table.cmap.items()):
            key = (point, name)
            if key in twins:
                table.cmap[point] = twins[key]
            elif name in taken and (('first', name) not in twins or twins[('first', name)] != point):
                twin = f'twin{point:04X}'
                order.append(twin)
                font['glyf'].glyphs[twin] = copy.deepcopy(font['glyf'][name])
                font['hmtx'].metrics[twin] = font['hmtx'].metrics[name]
                twins[key] = twin
                table.cmap[point] = twin
            else:
                taken.add(name)
                twins[('first', name)] = point
    font.setGlyphOrder(order)
    font['glyf'].glyphOrder = order
    font['maxp'].numGlyphs = len(order)


def rename(font, weight):
    names = font['name']
    keep = {0: names.getDebugName(0), 13: names.getDebugName(13), 14: names.getDebugName(14)}
    names.names = []
    keep.update({1: 'Portal Sans', 2: weight, 3: f'PortalSans-{weight}', 4: f'Portal Sans {weight}', 5: 'Version 1.0', 6: f'PortalSans-{weight}'})
    keep[0] = ('Copyright 2020 The Inter Project Authors (https://github.com/rsms/inter); '
               'Copyright 2022 The Noto Project Authors (https://github.com/notofonts)')
    for number, text in keep.items():
        if text:
            names.setName(text, number, 3, 1, 0x409)


def main(source, target):
    for weight, file in (('Regular', '400Regular'), ('SemiBold', '600SemiBold')):
        parts = []
        for folder, family, ranges in (
            ('inter', 'Inter', INTER),
            ('noto-sans-armenian', 'NotoSansArmenian', ARMENIAN),
            ('noto-sans-georgian', 'NotoSansGeorgian', GEORGIAN),
        ):
            font = part(Path(source) / folder / file / f'{family}_{file}.ttf', ranges)
            path = Path(target) / f'{folder}-{weight}.part.ttf'
            font.save(path)
            parts.append(path)
        inter = TTFont(parts[0])
        merged = Merger().merge([str(path) for path in parts])
        for path in parts:
            path.unlink()
        for field in ('ascent', 'descent', 'lineGap'):
            setattr(merged['hhea'], field, getattr(inter['hhea'], field))
        merged['head'].created = merged['head'].modified = 0
        merged.recalcTimestamp = False
        one_glyph_each(merged)
        rename(merged, weight)
        merged['post'].formatType = 3.0
        # The PDF writer's subset addresses glyphs by half their offset: they must begin at even ones.
        merged['glyf'].padding = 4
        merged.save(Path(target) / f'PortalSans-{weight}.ttf')
        print(weight, len(merged.getBestCmap()), 'characters')


main(*sys.argv[1:3])
