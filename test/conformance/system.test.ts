import { conformance } from './conformance.ts';
import { SYSTEM } from './rows/system.ts';

conformance('system', SYSTEM);
