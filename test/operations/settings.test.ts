import { describe, expect, test } from 'vitest';
import { getSetting, listSettings, loadSettings, resetSetting, setSetting } from '#src/tenants/settings.ts';
import { SETTINGS } from '#src/tenants/settings-catalogue.ts';
import { ENGINES, openSmallHouse } from '#test/support/small-house.ts';

test.each(Object.entries(SETTINGS))(
  '%s has a description, a default that fits, and limits',
  (_name, { description, fallback, schema }) => {
    expect(description).toMatch(/^\p{Lu}.{20,}\.$/u);
    expect(schema.parse(fallback)).toEqual(fallback);
    expect(schema.parse(typeof fallback === 'boolean' ? (fallback ? 'on' : 'off') : String(fallback))).toBe(
      fallback,
    );
    expect(schema.safeParse('x'.repeat(100_000)).success).toBe(false);
  },
);

describe.each(ENGINES)('settings on %s', (engine) => {
  test('what is set is typed, what is not set has its own value, and reset goes back', async () => {
    const house = await openSmallHouse(engine);
    const merchant = await house.merchant();
    expect(merchant.settings['magic_link.max_seconds']).toBe(86_400);
    expect(await setSetting(merchant, 'magic_link.max_seconds', '3600')).toMatchObject({
      value: 3600,
      isSet: true,
    });
    await setSetting(merchant, 'magic_link.single_use', 'on');
    await setSetting(merchant, 'magic_link.max_seconds', '7200');
    const { settings } = await house.merchant();
    expect(settings['magic_link.max_seconds']).toBe(7200);
    expect(settings['magic_link.single_use']).toBe(true);
    expect((await house.merchant('other')).settings['magic_link.single_use']).toBe(false);
    expect(await resetSetting(merchant, 'magic_link.single_use')).toMatchObject({
      value: false,
      isSet: false,
    });
    const listed = await listSettings(merchant);
    expect(listed.map(({ name }) => name)).toEqual(Object.keys(SETTINGS));
    expect(listed.filter(({ isSet }) => isSet)).toMatchObject([
      { name: 'magic_link.max_seconds', value: 7200 },
    ]);
  });

  test('a value that does not fit and a name that is not there are refused and change nothing', async () => {
    const { merchant, store } = await openSmallHouse(engine);
    const scope = await merchant();
    await expect(setSetting(scope, 'brand.accent', 'green')).rejects.toThrow('write it as #rrggbb');
    await expect(setSetting(scope, 'magic_link.max_seconds', '')).rejects.toMatchObject({
      code: 'bad_setting',
    });
    for (const name of ['no.such', '__proto__', 'toString']) {
      await expect(setSetting(scope, name, 'on')).rejects.toMatchObject({ code: 'unknown_setting' });
      await expect(getSetting(scope, name)).rejects.toMatchObject({ code: 'unknown_setting' });
      await expect(resetSetting(scope, name)).rejects.toMatchObject({ code: 'unknown_setting' });
    }
    expect(await store.kysely.selectFrom('settings').selectAll().execute()).toEqual([]);
  });

  test('a stored value that the catalogue no longer accepts counts as not set', async () => {
    const { merchant } = await openSmallHouse(engine);
    const scope = await merchant();
    await scope.db.insert('settings', { key: 'documents.paper', value: 'A3', updated_at: 0 });
    expect((await loadSettings(scope.db))['documents.paper']).toBe('A4');
  });
});
