import { describeHistories } from './histories.ts';

describeHistories('postgres');
