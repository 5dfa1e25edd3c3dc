import { describeHistories } from './histories.ts';

describeHistories('sqlite');
