// A browser's storage for tests: it has room for so much, and refuses on demand.
import type { Shelf } from "../../../lib/web/page/memory.ts";

export class TestShelf implements Shelf {
  readonly #items = new Map<string, string>();
  /** Every access throws, as a browser's does where storage is blocked. */
  forbidden = false;
  /** Characters that one item may have. */
  quota = Infinity;
  /** Stands under every key. */
  everything: string | undefined;

  get size(): number {
    return this.#items.size;
  }

  getItem(key: string): string | null {
    this.#check();
    return this.everything ?? this.#items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#check();
    if (value.length > this.quota) throw new DOMException("It is full.", "QuotaExceededError");
    this.#items.set(key, value);
  }

  removeItem(key: string): void {
    this.#check();
    this.#items.delete(key);
  }

  #check(): void {
    if (this.forbidden) throw new DOMException("It is forbidden.", "SecurityError");
  }
}
