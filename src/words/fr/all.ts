import type { Tongue } from '../tongue.ts';
import type { Catalogue } from '../catalogue.ts';
import { access } from './access.ts';
import { account } from './account.ts';
import { autopay } from './autopay.ts';
import { credits } from './credits.ts';
import { estimates } from './estimates.ts';
import { letters } from './letters.ts';
import { lists } from './lists.ts';
import { methods } from './methods.ts';
import { paper } from './paper.ts';
import { paying } from './paying.ts';
import { promises } from './promises.ts';
import { shell } from './shell.ts';

/** French as businesses write to businesses: formal, « vous ». */
export const french = (tongue: Tongue): Catalogue => ({
  shell: shell(tongue),
  access: access(tongue),
  account: account(),
  letters: letters(tongue),
  lists: lists(tongue),
  paper: paper(tongue),
  paying: paying(tongue),
  methods: methods(),
  estimates: estimates(),
  credits: credits(),
  promises: promises(),
  autopay: autopay(),
});
