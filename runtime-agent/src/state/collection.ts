/** What a database offers: collections of JSON documents, and transactions. */

export interface Collection<T> {
  get(id: string): T | undefined;
  put(id: string, value: T): void;
  delete(id: string): boolean;
  all(): { id: string; value: T }[];
}

export interface Database extends Disposable {
  /**
   * Collections are created when first named. The caller owns the shape: one module per collection.
   * @param recent documents that need not be read again; who is given one must not change it
   */
  collection<T>(name: string, recent?: number): Collection<T>;
  /** Everything in `work` is committed together, or not at all. */
  transaction<R>(work: () => R): R;
}
