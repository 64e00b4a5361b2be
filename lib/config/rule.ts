import { z } from 'zod';
import { profileName, text } from './values.ts';

/** Gives the tasks that match a profile, where their job does not say one itself. */
export const rule = () =>
  z
    .strictObject({
      match: z
        .strictObject({
          namespace: glob(),
          job: glob(),
          group: glob(),
          task: glob(),
          driver: glob(),
          meta: z.record(z.string(), z.string()).exactOptional(),
        })
        .meta({ description: 'Globs, all of which have to match; an empty match takes every task.' }),
      profile: profileName().exactOptional().meta({ description: 'The profile of the tasks that match.' }),
      sink: profileName().exactOptional().meta({
        description: 'The profile whose sink takes the lines of the tasks that match, whatever their own profile.',
      }),
      params: z
        .record(z.string(), z.string())
        .exactOptional()
        .meta({ description: 'Parameters that the profile declares.' }),
    })
    .refine((one) => one.profile !== undefined || one.sink !== undefined, {
      error: 'names neither a profile nor a sink',
      path: ['profile'],
    });

const glob = () => text().exactOptional();
