#!/bin/sh
# Jibri runs this with the folder of a finished recording. It brings the film to Jembatan and then deletes the folder;
# whatever fails leaves the folder as it is, and running the script on it again does no harm.
#
# compose.yaml gives Jibri the script and both values. A Jibri of your own: finalize-script in its jibri.conf (or
# JIBRI_FINALIZE_RECORDING_SCRIPT_PATH), and beside the script a file jembatan.env with
#   JEMBATAN_URL=https://jembatan.balikpapan.example
#   JITSI_EVENTS_SECRET=…the same as in Jembatan…
set -eu
folder=$1
name=$(basename "$folder")
beside=$(dirname "$0")/jembatan.env
[ ! -f "$beside" ] || . "$beside"
: "${JEMBATAN_URL:?where Jembatan is}" "${JITSI_EVENTS_SECRET:?the bearer secret of Jembatan}"

# The secret goes in by a file: on the command line every user of the machine could read it.
header=$(mktemp)
trap 'rm -f "$header"' EXIT
printf 'Authorization: Bearer %s\n' "$JITSI_EVENTS_SECRET" > "$header"
again='--retry 8 --retry-delay 15 --retry-connrefused'

# shellcheck disable=SC2086
curl --fail --silent --show-error $again -H "@$header" -H 'Content-Type: application/json' \
  --data-binary "@$folder/metadata.json" "$JEMBATAN_URL/jitsi/recordings/$name"
for film in "$folder"/*.mp4; do
  # shellcheck disable=SC2086
  curl --fail --silent --show-error $again -H "@$header" -H 'Content-Type: video/mp4' \
    --upload-file "$film" "$JEMBATAN_URL/jitsi/recordings/$name/film"
done
rm -rf "$folder"
