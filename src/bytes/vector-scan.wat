;; Finds where JSON strings and lists of numbers end, sixty-four bytes at a time. Compiled by `npm run generate` into
;; vector-scan.gen.ts.
;;
;; `find(from, limit)`: from is the offset after the opening quote, or anywhere inside the string that is not inside an escape; the
;; document ends at limit and has at least sixty-four zero bytes after it. Returns the offset after the closing quote, or -1 when a
;; control character, a wrong escape or the end of the document comes first.
(module
  (memory (export "memory") 1)

  (func $hex (param $byte i32) (result i32)
    (local $lower i32)
    (local.set $lower (i32.or (local.get $byte) (i32.const 0x20)))
    (i32.or
      (i32.lt_u (i32.sub (local.get $byte) (i32.const 0x30)) (i32.const 10))
      (i32.lt_u (i32.sub (local.get $lower) (i32.const 0x61)) (i32.const 6))))

  (func $hexes (param $at i32) (result i32)
    (i32.and
      (i32.and (call $hex (i32.load8_u (local.get $at))) (call $hex (i32.load8_u offset=1 (local.get $at))))
      (i32.and (call $hex (i32.load8_u offset=2 (local.get $at))) (call $hex (i32.load8_u offset=3 (local.get $at))))))

  ;; Whether the byte may follow a backslash by itself. Looked up in the bits of a word, because branches on it are guessed wrong too
  ;; often: bit 0 stands for " and bit 13 for /, or, of what is a letter or a backslash, bit 0 for B.
  (func $escapable (param $byte i32) (result i32)
    (local $letter i32)
    (local.set $letter (i32.ge_u (local.get $byte) (i32.const 0x40)))
    (i32.and
      (i32.lt_u (i32.sub (local.get $byte) (i32.const 0x22)) (i32.const 0x53))
      (i32.wrap_i64
        (i64.shr_u
          (select (i64.const 0x0005101104000000) (i64.const 0x2001) (local.get $letter))
          (i64.extend_i32_u
            (i32.sub (local.get $byte) (select (i32.const 0x42) (i32.const 0x22) (local.get $letter))))))))

  ;; Marks the bytes at which the string may end, or break.
  (func $special (param $block v128) (result v128)
    (v128.or
      (v128.or
        (i8x16.eq (local.get $block) (v128.const i8x16 34 34 34 34 34 34 34 34 34 34 34 34 34 34 34 34))
        (i8x16.eq (local.get $block) (v128.const i8x16 92 92 92 92 92 92 92 92 92 92 92 92 92 92 92 92)))
      (i8x16.lt_u (local.get $block) (v128.const i8x16 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32))))

  (func $bits (param $block v128) (param $shift i64) (result i64)
    (i64.shl (i64.extend_i32_u (i8x16.bitmask (local.get $block))) (local.get $shift)))

  (func (export "find") (param $from i32) (param $limit i32) (result i32)
    (local $block i32)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local $mask i64)
    (local $at i32)
    (local $byte i32)
    (local $inside i32)
    (local.set $block (local.get $from))
    (loop $next
      (if (i32.ge_u (local.get $block) (local.get $limit)) (then (return (i32.const -1))))
      (local.set $a (call $special (v128.load align=1 (local.get $block))))
      (local.set $b (call $special (v128.load offset=16 align=1 (local.get $block))))
      (local.set $c (call $special (v128.load offset=32 align=1 (local.get $block))))
      (local.set $d (call $special (v128.load offset=48 align=1 (local.get $block))))
      (if
        (v128.any_true
          (v128.or (v128.or (local.get $a) (local.get $b)) (v128.or (local.get $c) (local.get $d))))
        (then
          (local.set $mask
            (i64.or
              (i64.or (call $bits (local.get $a) (i64.const 0)) (call $bits (local.get $b) (i64.const 16)))
              (i64.or (call $bits (local.get $c) (i64.const 32)) (call $bits (local.get $d) (i64.const 48)))))
          ;; One escape after the other, as long as there is one in the block.
          (loop $escape
            (local.set $at (i32.add (local.get $block) (i32.wrap_i64 (i64.ctz (local.get $mask)))))
            (local.set $byte (i32.load8_u (local.get $at)))
            (if (i32.eq (local.get $byte) (i32.const 0x22)) (then (return (i32.add (local.get $at) (i32.const 1)))))
            (if (i32.ne (local.get $byte) (i32.const 0x5c)) (then (return (i32.const -1))))
            (local.set $byte (i32.load8_u offset=1 (local.get $at)))
            (local.set $at (i32.add (local.get $at) (i32.const 2)))
            (if (i32.eqz (call $escapable (local.get $byte)))
              (then
                (if (i32.ne (local.get $byte) (i32.const 0x75)) (then (return (i32.const -1)))) ;; u
                (if (i32.eqz (call $hexes (local.get $at))) (then (return (i32.const -1))))
                (local.set $at (i32.add (local.get $at) (i32.const 4)))))
            (local.set $inside (i32.sub (local.get $at) (local.get $block)))
            ;; The escape reaches beyond the block, which begins anew behind it.
            (if (i32.ge_u (local.get $inside) (i32.const 64))
              (then
                (local.set $block (local.get $at))
                (br $next)))
            (local.set $mask
              (i64.and (local.get $mask) (i64.shl (i64.const -1) (i64.extend_i32_u (local.get $inside)))))
            (br_if $escape (i64.ne (local.get $mask) (i64.const 0))))))
      (local.set $block (i32.add (local.get $block) (i32.const 64)))
      (br $next))
    (unreachable))

  (func $digits (param $block v128) (result v128)
    (i8x16.lt_u
      (i8x16.sub (local.get $block) (v128.const i8x16 48 48 48 48 48 48 48 48 48 48 48 48 48 48 48 48))
      (v128.const i8x16 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10)))

  (func $blanks (param $block v128) (result v128)
    (v128.or
      (v128.or
        (i8x16.eq (local.get $block) (v128.const i8x16 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32))
        (i8x16.eq (local.get $block) (v128.const i8x16 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10)))
      (v128.or
        (i8x16.eq (local.get $block) (v128.const i8x16 13 13 13 13 13 13 13 13 13 13 13 13 13 13 13 13))
        (i8x16.eq (local.get $block) (v128.const i8x16 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9)))))

  ;; A bit for each byte of four vectors.
  (func $mask (param $a v128) (param $b v128) (param $c v128) (param $d v128) (result i64)
    (i64.or
      (i64.or (call $bits (local.get $a) (i64.const 0)) (call $bits (local.get $b) (i64.const 16)))
      (i64.or (call $bits (local.get $c) (i64.const 32)) (call $bits (local.get $d) (i64.const 48)))))

  (func $equal (param $a v128) (param $b v128) (param $c v128) (param $d v128) (param $byte i32) (result i64)
    (local $wanted v128)
    (local.set $wanted (i8x16.splat (local.get $byte)))
    (call $mask
      (i8x16.eq (local.get $a) (local.get $wanted))
      (i8x16.eq (local.get $b) (local.get $wanted))
      (i8x16.eq (local.get $c) (local.get $wanted))
      (i8x16.eq (local.get $d) (local.get $wanted))))

  ;; The bits of those bytes that come after one that is marked; `before` has the marks of the block before.
  (func $after (param $marks i64) (param $before i64) (result i64)
    (i64.or (i64.shl (local.get $marks) (i64.const 1)) (i64.shr_u (local.get $before) (i64.const 63))))

  (global $passed (mut i32) (i32.const 0))

  (func (export "commas") (result i32) (global.get $passed))

  (func (export "numbers") (param $from i32) (result i32)
    (local $block i32)
    (local $last i32)
    (local $count i32)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local $digit i64) (local $comma i64) (local $point i64) (local $minus i64) (local $blank i64) (local $zero i64)
    (local $gap i64) (local $start i64) (local $sum i64) (local $wrong i64) (local $seen i64)
    ;; The masks of the block before. What stands before the first number counts as a gap.
    (local $digitBefore i64) (local $pointBefore i64) (local $minusBefore i64) (local $zeroBefore i64)
    (local $gapBefore i64)
    ;; 1 when the block before ended within the digits after a point.
    (local $carry i64)
    (local.set $gapBefore (i64.const -1))
    (local.set $block (local.get $from))
    (local.set $last (local.get $from))
    (global.set $passed (i32.const 0))
    (loop $next
      (local.set $a (v128.load align=1 (local.get $block)))
      (local.set $b (v128.load offset=16 align=1 (local.get $block)))
      (local.set $c (v128.load offset=32 align=1 (local.get $block)))
      (local.set $d (v128.load offset=48 align=1 (local.get $block)))
      (local.set $digit
        (call $mask
          (call $digits (local.get $a)) (call $digits (local.get $b))
          (call $digits (local.get $c)) (call $digits (local.get $d))))
      (local.set $comma (call $equal (local.get $a) (local.get $b) (local.get $c) (local.get $d) (i32.const 0x2c)))
      (local.set $point (call $equal (local.get $a) (local.get $b) (local.get $c) (local.get $d) (i32.const 0x2e)))
      (local.set $minus (call $equal (local.get $a) (local.get $b) (local.get $c) (local.get $d) (i32.const 0x2d)))
      (local.set $zero (call $equal (local.get $a) (local.get $b) (local.get $c) (local.get $d) (i32.const 0x30)))
      (local.set $seen
        (i64.or (i64.or (local.get $digit) (local.get $comma)) (i64.or (local.get $point) (local.get $minus))))
      (local.set $blank (i64.const 0))
      ;; Most lists have no blanks.
      (if (i64.ne (local.get $seen) (i64.const -1))
        (then
          (local.set $blank
            (call $mask
              (call $blanks (local.get $a)) (call $blanks (local.get $b))
              (call $blanks (local.get $c)) (call $blanks (local.get $d))))
          (local.set $seen (i64.or (local.get $seen) (local.get $blank)))))
      (local.set $gap (i64.or (local.get $comma) (local.get $blank)))
      (local.set $start
        (i64.and
          (i64.or (local.get $digit) (local.get $minus))
          (call $after (local.get $gap) (local.get $gapBefore))))
      ;; Blanks and minuses come after a gap, commas and points after a digit, and nothing but digits after a point or minus.
      (local.set $wrong
        (i64.or
          (i64.or
            (i64.xor (local.get $seen) (i64.const -1))
            (i64.and
              (i64.or (local.get $blank) (local.get $minus))
              (i64.xor (call $after (local.get $gap) (local.get $gapBefore)) (i64.const -1))))
          (i64.or
            (i64.and
              (i64.or (local.get $comma) (local.get $point))
              (i64.xor (call $after (local.get $digit) (local.get $digitBefore)) (i64.const -1)))
            (i64.and
              (call $after
                (i64.or (local.get $point) (local.get $minus))
                (i64.or (local.get $pointBefore) (local.get $minusBefore)))
              (i64.xor (local.get $digit) (i64.const -1))))))
      ;; A zero with which a number begins is followed by no digit.
      (local.set $zero
        (i64.and
          (local.get $zero)
          (i64.or
            (local.get $start)
            (call $after (local.get $minus) (local.get $minusBefore)))))
      (local.set $wrong
        (i64.or
          (local.get $wrong)
          (i64.and (call $after (local.get $zero) (local.get $zeroBefore)) (local.get $digit))))
      ;; Digits after a point: the sum carries each row of them to where it ends, and no other point may stand there.
      (local.set $sum
        (i64.add
          (local.get $digit)
          (i64.or
            (i64.and (call $after (local.get $point) (local.get $pointBefore)) (local.get $digit))
            (local.get $carry))))
      (local.set $wrong
        (i64.or
          (local.get $wrong)
          (i64.and
            (i64.and (local.get $sum) (i64.xor (local.get $digit) (i64.const -1)))
            (local.get $point))))
      (if (i64.ne (local.get $wrong) (i64.const 0))
        (then
          ;; Numbers count that begin before the first wrong byte.
          (local.set $start
            (i64.and
              (local.get $start)
              (i64.sub (i64.shl (i64.const 1) (i64.ctz (local.get $wrong))) (i64.const 1))))))
      (if (i64.ne (local.get $start) (i64.const 0))
        (then
          (local.set $last
            (i32.add (local.get $block) (i32.sub (i32.const 63) (i32.wrap_i64 (i64.clz (local.get $start))))))
          (global.set $passed
            (i32.add
              (local.get $count)
              (i32.wrap_i64
                (i64.popcnt
                  (i64.and
                    (local.get $comma)
                    (i64.sub
                      (i64.shl (i64.const 1) (i64.sub (i64.const 63) (i64.clz (local.get $start))))
                      (i64.const 1)))))))))
      (if (i64.ne (local.get $wrong) (i64.const 0)) (then (return (local.get $last))))
      (local.set $count (i32.add (local.get $count) (i32.wrap_i64 (i64.popcnt (local.get $comma)))))
      (local.set $carry (i64.extend_i32_u (i64.lt_u (local.get $sum) (local.get $digit))))
      (local.set $digitBefore (local.get $digit))
      (local.set $pointBefore (local.get $point))
      (local.set $minusBefore (local.get $minus))
      (local.set $zeroBefore (local.get $zero))
      (local.set $gapBefore (local.get $gap))
      (local.set $block (i32.add (local.get $block) (i32.const 64)))
      (br $next))
    (unreachable)))
