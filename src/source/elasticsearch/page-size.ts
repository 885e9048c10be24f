import { TooLarge } from '../source.ts'
import { PageTooLarge } from './client.ts'

/** How large a page is: half of what it was whenever that was too large. */
export interface PageSize {
  /** Makes a request with the page's size until it is small enough. */
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
          if (now === 1) throw new TooLarge(error.message)
          now = Math.ceil(now / 2)
        }
      }
    },
  }
}
