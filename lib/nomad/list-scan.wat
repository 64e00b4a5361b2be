;; Cuts a JSON list into its elements as its bytes arrive, and gives each a digest that does not depend on the order of
;; the keys of any object. `npm run build:scan` makes lib/nomad/list-scan-wasm.ts of this file.
;;
;; A token (a string, or a number, true, false, null) is hashed byte by byte. The path to a value is the hash of the
;; keys and indexes that lead to it. The digest is the sum over all values of mix(path, token): a sum has no order.
;;
;; Memory: 0 the stack, 16 bytes a level; 16384 what was found, 16 bytes an element: start, end, digest;
;; 49152 the class of each byte; 65536 the bytes to scan.
(module
  (memory (export "memory") 2)

  (global $seed (export "seed") (mut i64) (i64.const 0))
  ;; 0 before the list, 1 in it, 2 behind it.
  (global $phase (export "phase") (mut i32) (i32.const 0))
  ;; 0 fine; 1 it is no list; 2 it is no JSON.
  (global $error (export "error") (mut i32) (i32.const 0))
  ;; How many elements were found in this call.
  (global $found (export "found") (mut i32) (i32.const 0))
  ;; Where the open element starts, -1 where none is open. Whoever brings the next piece sets it to where that begins.
  (global $start (export "start") (mut i32) (i32.const -1))

  ;; What the list may hold next: 0 an element or its end, 1 an element, 2 a comma or its end.
  (global $want (mut i32) (i32.const 0))
  ;; How many levels are open, and how many more than the stack holds.
  (global $depth (mut i32) (i32.const 0))
  (global $beyond (mut i32) (i32.const 0))
  ;; The open container: 1 a list, 2 an object; its path, and the path of the value that comes next.
  (global $kind (mut i32) (i32.const 0))
  (global $index (mut i32) (i32.const 0))
  (global $container (mut i64) (i64.const 0))
  (global $path (mut i64) (i64.const 0))
  ;; The token: 0 none, 1 a string begun, 2 behind a backslash in it, 3 a string, 4 a word or number.
  (global $state (mut i32) (i32.const 0))
  (global $token (mut i64) (i64.const 0))
  (global $digest (mut i64) (i64.const 0))

  ;; Classes: 0 white space, 1 quote, 2 comma, 3 colon, 4 [, 5 {, 6 ], 7 }, 8 anything else.
  (data (i32.const 49152)
    "\08\08\08\08\08\08\08\08\08\00\00\08\08\00\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08"
    "\00\08\01\08\08\08\08\08\08\08\08\08\02\08\08\08\08\08\08\08\08\08\08\08\08\08\03\08\08\08\08\08"
    "\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\04\08\06\08\08"
    "\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\05\08\07\08\08"
    "\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08"
    "\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08"
    "\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08"
    "\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08\08")

  (func $mix (param $a i64) (param $b i64) (result i64)
    (local.set $a (i64.add (i64.mul (local.get $a) (i64.const 0x9e3779b97f4a7c15)) (local.get $b)))
    (local.set $a (i64.xor (local.get $a) (i64.shr_u (local.get $a) (i64.const 29))))
    (local.set $a (i64.mul (local.get $a) (i64.const 0xbf58476d1ce4e5b9)))
    (i64.xor (local.get $a) (i64.shr_u (local.get $a) (i64.const 32))))

  (func $fail (param $error i32) (global.set $error (local.get $error)))

  ;; A value begins here: where it is the list's own, an element does.
  (func $begin (param $at i32)
    (if (i32.ne (global.get $depth) (i32.const 1)) (then (return)))
    (if (i32.eq (global.get $want) (i32.const 2)) (then (call $fail (i32.const 2)) (return)))
    (global.set $want (i32.const 2))
    (global.set $start (local.get $at))
    (global.set $path (global.get $seed))
    (global.set $digest (global.get $seed)))

  ;; The element ends before this place.
  (func $end (param $at i32)
    (local $record i32)
    (local.set $record (i32.add (i32.const 16384) (i32.shl (global.get $found) (i32.const 4))))
    (i32.store (local.get $record) (global.get $start))
    (i32.store offset=4 (local.get $record) (local.get $at))
    (i64.store offset=8 (local.get $record) (global.get $digest))
    (global.set $found (i32.add (global.get $found) (i32.const 1)))
    (global.set $start (i32.const -1)))

  ;; A token that is no key is a value.
  (func $flush
    (if (i32.eqz (global.get $state)) (then (return)))
    (global.set $digest
      (i64.add (global.get $digest) (call $mix (global.get $path) (global.get $token))))
    (global.set $state (i32.const 0)))

  (func $open (param $kind i32) (param $at i32)
    (local $level i32)
    (if (i32.eqz (global.get $phase)) (then
      (if (i32.eq (local.get $kind) (i32.const 2)) (then (call $fail (i32.const 1)) (return)))
      (global.set $phase (i32.const 1))
      (global.set $depth (i32.const 1))
      (global.set $kind (i32.const 1))
      (return)))
    (if (i32.or (global.get $state) (i32.eq (global.get $phase) (i32.const 2)))
      (then (call $fail (i32.const 2)) (return)))
    (call $begin (local.get $at))
    (global.set $digest
      (i64.add (global.get $digest) (call $mix (global.get $path) (i64.extend_i32_u (local.get $kind)))))
    (if (i32.ge_u (global.get $depth) (i32.const 1000)) (then
      (global.set $beyond (i32.add (global.get $beyond) (i32.const 1)))
      (return)))
    (local.set $level (i32.shl (global.get $depth) (i32.const 4)))
    (i64.store (local.get $level) (global.get $container))
    (i32.store offset=8 (local.get $level) (global.get $kind))
    (i32.store offset=12 (local.get $level) (global.get $index))
    (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
    (global.set $container (global.get $path))
    (global.set $kind (local.get $kind))
    (global.set $index (i32.const 0))
    (global.set $path (call $mix (global.get $container) (i64.const 0))))

  (func $close (param $kind i32) (param $at i32)
    (local $level i32)
    (if (i32.ne (global.get $phase) (i32.const 1)) (then (call $fail (i32.const 2)) (return)))
    (call $flush)
    (if (global.get $beyond) (then
      (global.set $beyond (i32.sub (global.get $beyond) (i32.const 1)))
      (return)))
    (if (i32.ne (local.get $kind) (global.get $kind)) (then (call $fail (i32.const 2)) (return)))
    (global.set $depth (i32.sub (global.get $depth) (i32.const 1)))
    (if (i32.eqz (global.get $depth)) (then
      (if (i32.eq (global.get $want) (i32.const 1)) (then (call $fail (i32.const 2)) (return)))
      (if (i32.ne (global.get $start) (i32.const -1)) (then (call $end (local.get $at))))
      (global.set $phase (i32.const 2))
      (return)))
    (local.set $level (i32.shl (global.get $depth) (i32.const 4)))
    (global.set $container (i64.load (local.get $level)))
    (global.set $kind (i32.load offset=8 (local.get $level)))
    (global.set $index (i32.load offset=12 (local.get $level)))
    (if (i32.eq (global.get $depth) (i32.const 1))
      (then (call $end (i32.add (local.get $at) (i32.const 1))))))

  (func $comma (param $at i32)
    (if (i32.ne (global.get $phase) (i32.const 1)) (then (call $fail (i32.const 2)) (return)))
    (call $flush)
    (if (i32.eq (global.get $depth) (i32.const 1)) (then
      (if (i32.ne (global.get $want) (i32.const 2)) (then (call $fail (i32.const 2)) (return)))
      (global.set $want (i32.const 1))
      (if (i32.ne (global.get $start) (i32.const -1)) (then (call $end (local.get $at))))
      (return)))
    (if (i32.eq (global.get $kind) (i32.const 1)) (then
      (global.set $index (i32.add (global.get $index) (i32.const 1)))
      (global.set $path (call $mix (global.get $container) (i64.extend_i32_u (global.get $index)))))))

  ;; Begins another list.
  (func (export "reset")
    (global.set $phase (i32.const 0))
    (global.set $error (i32.const 0))
    (global.set $start (i32.const -1))
    (global.set $want (i32.const 0))
    (global.set $depth (i32.const 0))
    (global.set $beyond (i32.const 0))
    (global.set $kind (i32.const 0))
    (global.set $state (i32.const 0)))

  ;; Scans the bytes from 65536 + `$at` to 65536 + `$length`; returns how far it came, as the record of what was found
  ;; may be full before.
  (func (export "scan") (param $at i32) (param $length i32) (result i32)
    (local $byte i32)
    (local $state i32)
    (local $token i64)
    (global.set $found (i32.const 0))
    (local.set $at (i32.add (local.get $at) (i32.const 65536)))
    (local.set $length (i32.add (local.get $length) (i32.const 65536)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $length)))
        (br_if $done (global.get $error))
        (br_if $done (i32.ge_u (global.get $found) (i32.const 2000)))
        ;; In a string, where most bytes are, what changes is held in locals.
        (if (i32.le_u (i32.sub (global.get $state) (i32.const 1)) (i32.const 1)) (then
          (local.set $state (global.get $state))
          (local.set $token (global.get $token))
          (block $out
            (loop $in
              (br_if $out (i32.ge_u (local.get $at) (local.get $length)))
              (local.set $byte (i32.load8_u (local.get $at)))
              (local.set $at (i32.add (local.get $at) (i32.const 1)))
              (if (i32.eq (local.get $state) (i32.const 1)) (then
                (if (i32.eq (local.get $byte) (i32.const 34)) (then
                  (local.set $state (i32.const 3))
                  (br $out)))
                (if (i32.eq (local.get $byte) (i32.const 92)) (then (local.set $state (i32.const 2)))))
                (else (local.set $state (i32.const 1))))
              (local.set $token (i64.mul
                (i64.xor (local.get $token) (i64.extend_i32_u (local.get $byte)))
                (i64.const 0x100000001b3)))
              (br $in)))
          (global.set $state (local.get $state))
          (global.set $token (local.get $token))
          (br $next)))
        (local.set $byte (i32.load8_u (local.get $at)))
        (block $step
          (block $other (block $close2 (block $close1 (block $open2 (block $open1 (block $colon (block $comma (block $quote
            (br_table $step $quote $comma $colon $open1 $open2 $close1 $close2 $other
              (i32.load8_u offset=49152 (local.get $byte))))
            ;; $quote
            (if (i32.or (global.get $state) (i32.ne (global.get $phase) (i32.const 1)))
              (then (call $fail (select (i32.const 2) (i32.const 1) (global.get $phase))) (br $step)))
            (call $begin (local.get $at))
            (global.set $state (i32.const 1))
            (global.set $token (i64.xor (global.get $seed) (i64.const 0x5851f42d4c957f2d)))
            (br $step))
            ;; $comma
            (call $comma (local.get $at))
            (br $step))
            ;; $colon
            (if (i32.ne (global.get $phase) (i32.const 1)) (then (call $fail (i32.const 2)) (br $step)))
            (global.set $path (call $mix (global.get $container) (global.get $token)))
            (global.set $state (i32.const 0))
            (br $step))
            ;; $open1
            (call $open (i32.const 1) (local.get $at))
            (br $step))
            ;; $open2
            (call $open (i32.const 2) (local.get $at))
            (br $step))
            ;; $close1
            (call $close (i32.const 1) (local.get $at))
            (br $step))
            ;; $close2
            (call $close (i32.const 2) (local.get $at))
            (br $step))
          ;; $other
          (if (i32.ne (global.get $phase) (i32.const 1))
            (then (call $fail (select (i32.const 2) (i32.const 1) (global.get $phase))) (br $step)))
          (if (i32.eqz (global.get $state)) (then
            (call $begin (local.get $at))
            (global.set $state (i32.const 4))
            (global.set $token (global.get $seed))))
          (global.set $token (i64.mul
            (i64.xor (global.get $token) (i64.extend_i32_u (local.get $byte)))
            (i64.const 0x100000001b3))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (i32.sub (local.get $at) (i32.const 65536))))
