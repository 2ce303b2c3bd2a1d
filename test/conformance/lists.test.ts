import { conformance } from './conformance.ts';
import { LISTS } from './rows/lists.ts';

conformance('lists', LISTS);
