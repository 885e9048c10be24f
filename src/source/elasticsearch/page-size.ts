import { PageTooLarge } from './client.ts'

/** How large a page is: half of what it was whenever that was too large, and all again where even one item is. */
export interface PageSize {
  /**
   * Makes a request with the page's size until it is small enough.
   * @throws PageTooLarge where it cannot be
   */
  fit<T>(request: (size: number) => Promise<T>): Promise<T>
}

export function pageSize(largest: number): PageSize {
  let now = largest
  return {
    async fit(request) {
      for (;;) {
        try {
          return await request(now)
        } catch (error) {
          if (!(error instanceof PageTooLarge)) throw error
          const isLast = now === 1
          now = isLast ? largest : Math.ceil(now / 2)
          if (isLast) throw error
        }
      }
    },
  }
}
