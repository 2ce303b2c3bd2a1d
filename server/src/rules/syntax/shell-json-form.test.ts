import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { shellJsonForm } from './shell-json-form.ts';

const { reports, fixes } = dockerfile();

test('SHELL in shell form', () => {
  reports(
    shellJsonForm,
    'FROM a\nSHELL «/bin/bash -c»\nSHELL ["a"]',
    'SHELL requires the arguments to be in JSON form',
  );
  fixes(shellJsonForm, 'FROM a\nSHELL /bin/bash -c', 'FROM a\nSHELL ["/bin/bash", "-c"]');
});
