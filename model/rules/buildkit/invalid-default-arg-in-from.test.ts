import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { invalidDefaultArgInFrom } from './invalid-default-arg-in-from.ts';

const { reports } = dockerfile();
const message = (image: string): string => `Default value for ARG ${image} results in empty or invalid base image name`;

test('without --build-arg the name must be valid', () => {
  reports(invalidDefaultArgInFrom, 'ARG tag\nFROM «busybox:$tag»', message('busybox:$tag'));
  reports(invalidDefaultArgInFrom, 'ARG image=\nFROM «${image}»', message('${image}'));
  reports(invalidDefaultArgInFrom, 'ARG image=Foo\nFROM «$image»', message('$image'));
});

test('defaults of any kind will do', () => {
  reports(
    invalidDefaultArgInFrom,
    'ARG tag=1\nARG image=busybox:$tag\nFROM $image\nFROM b:${x:-2}\nFROM c-$TARGETARCH',
  );
  reports(invalidDefaultArgInFrom, 'ARG v\nFROM busybox${v}');
});
