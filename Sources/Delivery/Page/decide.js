// What to do with a stream and what to say about it: words, no page.
const names = {
  mpeg1: 'MPEG-1', mpeg2: 'MPEG-2', h264: 'H.264', hevc: 'HEVC', mp2: 'MP2', mp3: 'MP3',
  aac: 'AAC', ac3: 'AC-3', other: 'an unknown codec', unknown: 'not known yet', none: 'none',
};
const nameOf = codec => names[codec] || String(codec).toUpperCase();

/** Milliseconds as a person says them. */
function span(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 120) return `${s} s`;
  if (s < 7200) return `${Math.floor(s / 60)} min`;
  return `${Math.floor(s / 3600)} h ${Math.floor(s % 3600 / 60)} min`;
}

/** The ffmpeg line whose stream this page can play, at the address of this node's way in. */
function pushLine(push, hostname) {
  const to = !push ? 'tcp://NODE:50001'
    : push.tcp ? `tcp://${hostname}:${push.tcp}`
    : push.udp ? `"udp://${hostname}:${push.udp}?pkt_size=1316"`
    : push.http ? `http://${hostname}:${push.http}/SECRET`
    : 'tcp://FIRST-NODE:50001';
  return 'ffmpeg -re -i INPUT -c:v mpeg1video -b:v 2M -r 25 -g 25 -bf 0 '
    + `-c:a mp2 -b:a 128k -ar 44100 -ac 2 -f mpegts ${to}`;
}

/**
 * What to do with a stream and what to say about it.
 *
 * `report` is the body of `.json`, null when the node has no such stream, undefined when the node did not answer;
 * `place` is {stream, hostname, origin}. `action`: `play` connects, `keep` leaves an open connection as it is and opens
 * none, `stop` closes. `state` is one word for the badge.
 */
function decide(report, place) {
  const say = (action, state, title, text, commands = []) => ({action, state, title, text, commands, notes: []});
  if (report === undefined) {
    return say('keep', 'no answer', 'The node does not answer', 'This page keeps asking and starts by itself.');
  }
  if (report === null) {
    return say('stop', 'no stream', 'No such stream',
      `Nobody publishes ${place.stream} on this node. This page keeps asking and starts by itself.`);
  }
  const video = (report.video || {}).codec || 'unknown';
  const audio = (report.audio || []).map(track => track.codec);
  const push = {label: 'Push it like this (-re is for files only; INPUT is yours):', line: pushLine(report.push, place.hostname)};
  const watch = {label: 'Or watch it as it is, outside the browser:', line: `ffplay ${place.origin}/${place.stream}.ts`};

  if (report.player && report.player.jsmpeg === false) {
    return say('stop', 'refused', 'JSMpeg is not installed on this node',
      'The page plays with JSMpeg, a file that the node serves but does not bring along. Fetch it on the node, and this '
      + 'page starts by itself. A copy in another place is named as Script in [player], before the node starts.',
      [{label: 'On the node:', line: 'deploy/get-jsmpeg.sh'}, watch]);
  }
  if (report.state === 'waiting' && report.publisher) {
    return say('keep', 'silent', 'The publisher sends nothing',
      `It is connected, but nothing has come for ${span(report.since)}. The picture goes on by itself when something does.`);
  }
  if (report.state === 'waiting') {
    return say('keep', 'waiting', 'No publisher',
      `Nobody has sent to ${place.stream} for ${span(report.since)}. The picture starts by itself when someone does.`,
      [{...push, label: 'To send something (-re is for files only; INPUT is yours):'}]);
  }
  if (report.state === 'gone') {
    return say('keep', 'gone', 'The publisher is gone',
      `It stopped ${span(report.since)} ago. The picture goes on by itself when it comes back.`);
  }
  if (report.scrambled) {
    return say('stop', 'refused', 'The stream is scrambled', 'Its packets are encrypted; only the receiver it was made for can show it.');
  }
  if (video === 'unknown') {
    return say('keep', 'looking', 'Looking at the stream', 'Packets come in; which codec they carry is not known yet.');
  }
  if (video === 'none' && !audio.includes('mp2')) {
    return say('stop', 'refused', audio.length ? `The stream is sound only, as ${nameOf(audio[0])}` : 'Nothing to play in this stream',
      'This page plays MPEG-1 video and MP2 sound.', [push, watch]);
  }
  if (video !== 'none' && video !== 'mpeg1') {
    const why = video === 'mpeg2'
      ? "That is ffmpeg's default for mpegts. JSMpeg would stop the whole tab on it; it plays MPEG-1 video and MP2 sound."
      : 'JSMpeg would stay black; it plays MPEG-1 video and MP2 sound.';
    return say('stop', 'refused', `The video is ${nameOf(video)}`, why, [push, watch]);
  }

  const view = video === 'none'
    ? say('play', 'live', 'Sound only', 'This stream carries no picture.')
    : say('play', 'live', 'Waiting for a key picture', 'The picture starts at the next one.');
  if (report.programs > 1) {
    view.notes.push(`The stream carries ${report.programs} programs. JSMpeg would mix them; this page shows the first.`);
  }
  if (video === 'mpeg1' && audio.length && !audio.includes('mp2')) {
    view.notes.push(`The sound is ${nameOf(audio[0])}; only MP2 can be heard here (-c:a mp2).`);
  } else if (audio.length > 1 && !(report.programs > 1)) {
    view.notes.push(`The stream carries ${audio.length} sound tracks. JSMpeg would mix them; this page plays the first MPEG one.`);
  }
  if (report.video && report.video.gopMs > 2500) {
    view.notes.push(`A key picture comes only every ${span(report.video.gopMs)}, so the start may take that long (-g 25).`);
  }
  return view;
}
