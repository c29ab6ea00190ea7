# What a shell on the board begins with: the functions that tests are made of.
board=/board
work=/tmp
words=$work/words
. $board/camera.sh
. $board/vivid-camera.sh
. $board/usb-camera.sh
