;; Finds the end of a JSON string, sixty-four bytes at a time. Compiled by `npm run generate` into string-end.gen.ts.
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
    (unreachable)))
