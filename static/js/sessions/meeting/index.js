/* The meeting inside the room page, whatever carries it.
 *
 *   const meeting = await openMeeting(container, config, on);
 *   await meeting.leave();     // say goodbye; the frame stays and may be entered again
 *   await meeting.dispose();   // say goodbye, then take everything away
 *   meeting.can                // what this carrier can do: raiseHand(), lowerHand(id), pictures(level), muteAll(),
 *                              // admit(id, yes), endForAll(); one that is not there cannot be done here
 *
 * `config` is what lms/sessions/jitsi/embedding.py made ({kind: 'jitsi', …} or {kind: 'link', links}), or
 * {kind: 'practice', displayName, autoEnter, people}. The page adds to it:
 *   renew()        → a promise of a fresh config, asked for once when the server refuses the token ('jitsi');
 *   people(listen) → calls listen([{id, name, me}]) now and on every change, returns a function that stops it ('practice');
 *   pictures       → how much picture the device wants: "all", "small" or "none" (sound only);
 *   line           → call_line.js's line to the server, for sound and picture among up to six ('practice').
 *
 * `on` holds the page's listeners, each optional:
 *   ready()                 the meeting is on screen; nobody is in it yet
 *   joined({id, breakout})  this person is in the conference. Comes again with a new id after a reconnect or a move to
 *                           a breakout room, with or without a left() in between
 *   left({by})              this person is no longer in it. by 'frame': the meeting said so; by 'page': the page took the
 *                           meeting away and it had no time to say goodbye
 *   failed(code)            jitsi_unreachable jitsi_nonsense jitsi_silent jitsi_token_refused jitsi_removed jitsi_full
 *                           jitsi_not_open jitsi_ended jitsi_connection_lost jitsi_failed; words for them are in
 *                           templates/sessions/_meeting_elsewhere.html, shown by elsewhere.js
 *   participants(n)         how many are in, this person included, as far as the meeting knows
 *   closed()                the meeting has put itself away after a goodbye; offer to enter again
 *   suspended()             the device slept; a new joined() follows if the meeting recovers
 *   elsewhere({via})        'tab', 'android' or 'ios': this person went to the meeting outside this page. No proof of presence
 *   hands([{id, name, mine}])        hands that are up, in the order of raising
 *   knocking([{id, name}])           who waits in the lobby; moderators are told
 *   recording({on, mode})            whether the meeting is being recorded
 *   breakouts([{name, people}])      the breakout rooms there are
 *   moderating(is)                   whether the meeting takes this person for a moderator
 *   muted({by})                      a moderator muted everybody, this person too
 *   trouble()                        the line gave way: one sign of it
 *
 * Opening the page, loading the script, seeing the frame: none of it is presence. Only joined() is.
 */

const CARRIERS = {
  jitsi: () => import("./jitsi.js"),
  practice: () => import("./practice.js"),
  link: () => import("./link.js"),
};

export async function openMeeting(container, config, on) {
  const carrier = CARRIERS[config.kind];
  if (!carrier) throw new Error(`no meeting of kind ${config.kind}`);
  const { openMeeting: open } = await carrier();
  return open(container, config, on);
}
