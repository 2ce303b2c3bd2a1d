/** Why an instruction cannot be decoded, in BuildKit's words; decodeInstruction turns it into data. */
export class DecodeError extends Error {}
