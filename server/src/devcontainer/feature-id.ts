/** A Feature's reference without tag and digest. */
export function featureId(reference: string): string {
  return reference.replace(/(?:@|:(?!.*\/)).*$/, '');
}
