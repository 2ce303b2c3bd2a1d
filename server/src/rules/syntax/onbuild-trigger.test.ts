import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { onbuildTrigger } from './onbuild-trigger.ts';

const { reports } = dockerfile();

test('triggers that are not allowed', () => {
  reports(onbuildTrigger, 'FROM a\nONBUILD «ONBUILD» RUN b', "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
  reports(onbuildTrigger, 'FROM a\nONBUILD «from» b', "FROM isn't allowed as an ONBUILD trigger");
  reports(onbuildTrigger, 'FROM a\nONBUILD COPY a b');
});
