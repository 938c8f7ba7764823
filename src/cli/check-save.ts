/** Saves what a check found, and tells its story; that can be read also when it cannot be saved. */
import type { Story } from '../report/story.ts';
import { textReport } from '../report/text.ts';
import type { CheckRequest } from './check-request.ts';
import { saveOutput } from './files.ts';
import { replayCommand } from './story.ts';

/** Gives the path to show; null when it could not be saved, which has been told then. */
export const saveFound = (
  { out, progress }: CheckRequest,
  name: string,
  content: string,
): string | null => saveOutput([out, name], content, (line) => progress.note(line));

/** Without a file, it is the whole check that shows it again. */
export const foundStory = (story: Story, path: string | null, { repeat }: CheckRequest): string =>
  textReport(story, path === null ? repeat : replayCommand(path));
