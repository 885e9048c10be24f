import type { ChangingLimit } from './concurrency.ts'

export interface AdaptiveLimitOptions {
  /** Of requests under way, in the beginning and at most. */
  readonly first?: number
  readonly most?: number
}

/** How many requests a server bears at once, as it turns out. Times are ms on any clock that goes on. */
export interface AdaptiveLimit extends ChangingLimit {
  /** A request goes to the server; one of the others follows. */
  started(): void
  /** It has been answered. */
  answered(at: number): void
  /** It has been refused, or has come to nothing: the server has too much to do. */
  refused(startedAt: number, at: number): void
  /** It has failed in another way, which says nothing of the server. */
  failed(): void
}

/** More at once pay where they bring at least this part of what they would in proportion. */
const worthwhile = 0.3
/** Rounds after which it is tried again whether more at once pay by now. */
const rest = 10

/**
 * More at once for as long as that brings more answers a second, half as many after a refusal. A round is two answers for each request that may be
 * under way; one in which so many never were tells nothing, since something else held them back (RFC 7661). In the beginning every round doubles the
 * limit, until that has not paid twice, since once the machine may have been busy; later on every round adds one. What does not pay is taken back.
 * @see https://en.wikipedia.org/wiki/Additive_increase/multiplicative_decrease
 */
export function adaptiveLimit({ first = 4, most = 64 }: AdaptiveLimitOptions = {}): AdaptiveLimit {
  const listeners: (() => void)[] = []
  let now = Math.min(first, most)
  let isBeginning = true
  let proven: Trial | undefined
  let hasFailed = false
  let roundsLeft = 0
  const rounds = measureRounds()
  let loweredAt = Number.NEGATIVE_INFINITY

  const change = (wanted: number): void => {
    const before = now
    now = Math.max(1, Math.min(most, wanted))
    if (now > before) for (const tell of listeners) tell()
  }

  const judge = (rate: number): void => {
    if (roundsLeft > 0) {
      roundsLeft--
      proven = { limit: now, rate }
      if (roundsLeft === 0) change(now + 1)
    } else if (!proven || now <= proven.limit || pays(proven, { limit: now, rate })) {
      proven = { limit: now, rate }
      hasFailed = false
      change(isBeginning ? now * 2 : now + 1)
    } else if (isBeginning && !hasFailed) {
      hasFailed = true
    } else {
      change(proven.limit)
      isBeginning = false
      roundsLeft = rest
    }
  }

  return {
    get now() {
      return now
    },
    whenRaised: (tell) => void listeners.push(tell),
    started: rounds.started,
    answered(at) {
      const rate = rounds.answered(at, now)
      if (rate !== undefined) judge(rate)
    },
    failed: rounds.ended,
    refused(startedAt, at) {
      rounds.ended()
      // Requests that were under way when the limit was lowered say nothing of the new one.
      if (startedAt < loweredAt) return
      loweredAt = at
      isBeginning = false
      proven = undefined
      roundsLeft = 0
      rounds.forget()
      change(Math.floor(now / 2))
    },
  }
}

/** Counts answers in rounds. */
function measureRounds() {
  let underWay = 0
  let round: { readonly start: number; answers: number; most: number } | undefined
  return {
    started() {
      underWay++
      if (round) round.most = Math.max(round.most, underWay)
    },
    /** How many answers a ms came in the round that ends with this one, if one does in which as many as may be were under way. */
    answered(at: number, limit: number): number | undefined {
      const { start, answers, most } = round ?? { start: at, answers: -1, most: underWay }
      underWay--
      const isOver = answers + 1 >= 2 * limit
      round = isOver ? { start: at, answers: 0, most: underWay } : { start, answers: answers + 1, most }
      return isOver && most >= limit ? (answers + 1) / Math.max(1, at - start) : undefined
    },
    /** A request has come to another end. */
    ended: () => void underWay--,
    /** What has been counted is of another time. */
    forget() {
      round = undefined
    },
  }
}

/** A limit that has paid, and how many answers a ms it brings. */
interface Trial {
  readonly limit: number
  readonly rate: number
}

const pays = (before: Trial, after: Trial): boolean =>
  after.rate / before.rate - 1 >= worthwhile * (after.limit / before.limit - 1)
