import { exactJson } from '../exact-json.ts';
import { asPlain } from '../vrl/values.ts';
import type { PipelineStep } from './task-pipeline.ts';

/** What is said of an event that a pipeline let go: by which component, why, and the event as that got it. Pure. */
export const droppedText = ({ component, why, event }: PipelineStep['dropped'][number]): string =>
  `dropped by ${component}: ${why}\n  ${exactJson(asPlain(event.event)) ?? ''}\n`;
