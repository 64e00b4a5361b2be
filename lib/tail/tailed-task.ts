import { shortIdOf } from '../context/id.ts';

/** A task of an allocation, by its names. */
export type TailedTask = { allocId: string; task: string };

/** As people tell tasks of a job apart: `server/50d107cb`. Pure. */
export const taskLabel = ({ allocId, task }: TailedTask): string => `${task}/${shortIdOf(allocId)}`;
