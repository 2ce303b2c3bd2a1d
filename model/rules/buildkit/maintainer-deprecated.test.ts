import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { maintainerDeprecated } from './maintainer-deprecated.ts';

const { reports, fixes } = dockerfile();

test('MAINTAINER becomes a label', () => {
  reports(
    maintainerDeprecated,
    'FROM a\n«MAINTAINER» me',
    'Maintainer instruction is deprecated in favor of using label',
  );
  fixes(
    maintainerDeprecated,
    'FROM a\nMAINTAINER "A B <a@b.c>"\nCMD x',
    'FROM a\nLABEL org.opencontainers.image.authors="A B <a@b.c>"\nCMD x',
  );
});
