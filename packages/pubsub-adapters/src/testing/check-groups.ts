import type { CheckGroup } from './check.ts';
import { failureGroup } from './groups/failure.ts';
import { gapGroup } from './groups/gap.ts';
import { idempotencyGroup } from './groups/idempotency.ts';
import { isolationGroup } from './groups/isolation.ts';
import { lifecycleGroup } from './groups/lifecycle.ts';
import { orderGroup } from './groups/order.ts';
import { publishGroup } from './groups/publish.ts';
import { randomGroup } from './groups/random.ts';
import { readGroup } from './groups/read.ts';
import { resetGroup } from './groups/reset.ts';
import { subscribeGroup } from './groups/subscribe.ts';
import { trimGroup } from './groups/trim.ts';

/** The whole suite, in the order of the law. */
export const checkGroups: readonly CheckGroup[] = [
  publishGroup,
  subscribeGroup,
  readGroup,
  gapGroup,
  resetGroup,
  trimGroup,
  orderGroup,
  randomGroup,
  isolationGroup,
  idempotencyGroup,
  lifecycleGroup,
  failureGroup,
];
