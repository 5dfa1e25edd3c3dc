import { runPortal } from './program.ts';

process.exitCode = await runPortal(process.argv.slice(2));
