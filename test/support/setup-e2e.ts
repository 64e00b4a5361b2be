import { isolate } from './isolate.ts';

// Real programs run here, with folders and ports of their own; nothing else of the machine counts.
isolate({ isAlone: false });
