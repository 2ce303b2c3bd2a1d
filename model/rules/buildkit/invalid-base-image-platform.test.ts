import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { invalidBaseImagePlatform } from './invalid-base-image-platform.ts';

const { reports } = dockerfile();

test('a stage on a stage of another platform', () => {
  const message = 'Base image a was pulled with platform "linux/arm64", expected "linux/amd64" for current build';
  reports(invalidBaseImagePlatform, 'FROM --platform=linux/arm64 x AS a\nFROM --platform=«linux/amd64» a', message);
  reports(invalidBaseImagePlatform, 'FROM --platform=linux/arm64 x AS a\nFROM --platform=linux/arm64 a');
  reports(
    invalidBaseImagePlatform,
    'FROM --platform=$P x AS a\nFROM --platform=linux/arm64 a\nFROM --platform=linux/arm64 b',
  );
});
