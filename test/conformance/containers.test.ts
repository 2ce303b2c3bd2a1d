import { conformance } from './conformance.ts';
import { CREATE } from './rows/create.ts';
import { LIFECYCLE } from './rows/lifecycle.ts';

conformance('containers', [...LIFECYCLE, ...CREATE]);
