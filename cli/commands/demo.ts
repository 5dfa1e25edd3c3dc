import type { Command } from 'commander';

export function setup(_group: Command): void {}
