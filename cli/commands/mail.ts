import type { Command } from 'commander';
import { mailShape, mailWithTextShape } from '#src/api/shapes.ts';
import { findInMailbox, type KeptMail, type KeptMailWithText, listMailbox } from '#src/outbox/mailbox.ts';
import { withMerchant } from '../installation.ts';
import { type JsonOption, type ListOptions, examples, json, listOptions, wholeNumber } from '../options.ts';
import { printFacts, printJson, printJsonList, printTable, write } from '../output.ts';
import { plain } from '#src/kernel/terminal-line.ts';

export function setup(group: Command): void {
  const list = group
    .command('list')
    .description('List the mail that the local mailbox keeps, newest first')
    .argument('<tenant>')
    .action(listAll);
  listOptions(examples(list, 'portal mail list acme --limit 5'));
  const show = group
    .command('show')
    .description('Show a mail')
    .argument('<tenant>')
    .argument('<id>', 'as the list shows it', wholeNumber)
    .action(showOne);
  json(examples(show, 'portal mail show acme 3'));
}

async function listAll(username: string, { json: asJson, limit }: ListOptions): Promise<void> {
  const mails = await withMerchant(username, (merchant) => listMailbox(merchant, { limit }));
  if (asJson) return printJsonList(mails.map(mailShape));
  const columns = [
    { title: 'id', align: 'right' as const, value: (mail: KeptMail) => mail.id },
    { title: 'sent', value: (mail: KeptMail) => momentText(mail.at) },
    { title: 'to', most: 36, value: (mail: KeptMail) => mail.to },
    { title: 'subject', most: 60, value: (mail: KeptMail) => mail.subject },
    { title: 'attached', value: attachedText },
  ];
  printTable(mails, columns, 'The mailbox is empty. Mail arrives here while “portal serve” runs.');
}

async function showOne(username: string, id: number, { json: asJson }: JsonOption): Promise<void> {
  const mail = await withMerchant(username, (merchant) => findInMailbox(merchant, id));
  if (asJson) return printJson(mailWithTextShape(mail));
  printMail(mail);
}

function printMail(mail: KeptMailWithText): void {
  printFacts([
    ['From', mail.from],
    ['To', mail.to],
    ['Sent', momentText(mail.at)],
    ['Subject', mail.subject],
    ['Attached', attachedText(mail)],
  ]);
  write(`\n${mail.text.split('\n').map(plain).join('\n')}\n`);
}

function attachedText(mail: KeptMail): string {
  return mail.attachments.map(({ name }) => name).join(', ');
}

function momentText(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 16).replace('T', ' ');
}
