import { LintUsageError } from './usage-error.ts';

/** Waits until a pipe has taken everything: the caller may exit right after. Who has closed it has seen enough. */
export function print(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => {
      if ('code' in error && error.code === 'EPIPE') resolve();
      else reject(new LintUsageError(`cannot write the report: ${error.message}`, { cause: error }));
    };
    stream.once('error', failed);
    stream.write(text, (error) => (error ? failed(error) : resolve()));
  });
}
