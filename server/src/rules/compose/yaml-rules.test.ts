import { test } from 'node:test';
import { compose } from '../rule-check.ts';
import { duplicateKey, invalidYaml, unknownTag } from './yaml-rules.ts';

const { reports, fixes } = compose();

test('a text that is no YAML', () => {
  reports(
    invalidYaml,
    'services:\n  web: [1, 2«»',
    'Flow sequence in block collection must be sufficiently indented and end with a ]',
  );
});

test('a key that stands twice', () => {
  reports(duplicateKey, 'services:\n  web:\n    image: a\n    «image»: b\n', "the key 'image' stands twice");
  reports(duplicateKey, 'a: 1\nb: {a: 1}\n');
});

test('tags', () => {
  const message = "the tag '!rest' says nothing to Compose";
  reports(
    unknownTag,
    'a: «!rest» []\nb: {c: «!rest»}\n',
    `${message} (did you mean '!reset'?)`,
    `${message} (did you mean '!reset'?)`,
  );
  reports(
    unknownTag,
    '- «!vault» |\n  x\n- «!!what» y\n',
    "the tag '!vault' says nothing to Compose",
    "the tag '!!what' says nothing to Compose",
  );
  reports(
    unknownTag,
    'a: !reset\nb: !override [1]\nc: !!str 1\nd: !!bool true\ne: ! x\nf: !!map {}\ng: !!binary eA==\nh: !!timestamp 2001-01-01\n',
  );
  fixes(unknownTag, 'a: !overide []\n', 'a: !override []\n');
});
