import { conformance } from './conformance.ts';
import { CREATE } from './rows/create.ts';
import { LIFECYCLE } from './rows/lifecycle.ts';
import { MISTAKES } from './rows/mistakes.ts';
import { ODD_VALUES } from './rows/odd-values.ts';
import { REMOVAL } from './rows/removal.ts';
import { VERSIONS } from './rows/versions.ts';

conformance('containers', [...LIFECYCLE, ...REMOVAL, ...CREATE, ...VERSIONS, ...MISTAKES, ...ODD_VALUES]);
