import { refuse } from '#src/kernel/errors.ts';
import { describeProblem } from '#src/imports/problems.ts';
import type { ImportCounts, ImportProgress, ImportReport } from '#src/imports/report.ts';
import { printJson, say } from './output.ts';
import { barText, progressLine } from './progress.ts';
import { plain } from './text.ts';

/** Runs an import with a progress bar on a terminal, then tells what it did. Refuses `import_refused` when nothing was kept. */
export async function reportImport(
  asJson: true | undefined,
  run: (onProgress: (progress: ImportProgress) => void) => Promise<ImportReport>,
): Promise<void> {
  const line = progressLine();
  const show = ({ kind, bytes, of, rows }: ImportProgress): void =>
    line.show(
      barText(of === 0 ? 1 : bytes / of, kind === 'documents' ? 'documents' : `${kind}: ${rows} rows`),
    );
  const report = await run(show).finally(line.clear);
  for (const problem of report.problems) say(plain(describeProblem(problem)));
  const hidden = report.problemCount - report.problems.length;
  if (hidden > 0) say(`… and ${hidden} more problems.`);
  if (!report.kept) refuse('import_refused', { count: report.problemCount });
  for (const notice of report.notices) say(`Note: ${plain(describeProblem(notice))}`);
  if (asJson) return printJson(reportShape(report));
  say(`Imported ${countsText(report.created) ?? 'nothing'}.`);
  const unchanged = countsText(report.unchanged);
  if (unchanged) say(`Already there, unchanged: ${unchanged}.`);
  if (report.problemCount > 0) say(`Left out because of problems: ${report.problemCount}.`);
}

function reportShape({ created, unchanged, problems, problemCount, notices }: ImportReport) {
  return {
    object: 'import',
    created: countsShape(created),
    unchanged: countsShape(unchanged),
    problem_count: problemCount,
    problems,
    notices,
  };
}

function countsShape({ customers, contacts, invoices, creditNotes, lines, payments }: ImportCounts) {
  return { customers, contacts, invoices, credit_notes: creditNotes, lines, payments };
}

function countsText(counts: ImportCounts): string | undefined {
  const parts = Object.entries(countsShape(counts))
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count.toLocaleString('en')} ${name.replace('_', ' ')}`);
  return parts.length === 0 ? undefined : parts.join(', ');
}
