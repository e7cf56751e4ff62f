using System.Numerics;

namespace RealTimeMesh.Streaming;

/// <summary>
/// Keys as bytes, each with a dense number (its slot) under which owners keep values in arrays. Open addressing over one
/// array of 8-byte entries, key bytes in one arena: no object for a key. Slots of removed keys are given out again.
/// Not thread-safe.
/// </summary>
internal sealed class KeyTable
{
    private const int FirstSlots = 16;

    // Upper half: 32 bits of the hash; lower half: slot + 1, or 0 for a free place.
    private ulong[] _index = new ulong[FirstSlots * 2];
    private byte[] _arena = new byte[256];
    private int[] _starts = new int[FirstSlots];
    private int[] _lengths = new int[FirstSlots];
    private uint[] _hashes = new uint[FirstSlots];
    private int _arenaUsed;
    private int _arenaGarbage;
    private int _firstFree = -1;

    /// <summary>Keys in the table.</summary>
    public int Count { get; private set; }

    /// <summary>One more than the highest slot ever given out: what arrays beside the table must hold.</summary>
    public int SlotEnd { get; private set; }

    /// <summary>Bytes of memory held.</summary>
    public long Bytes => (8L * _index.Length) + _arena.Length + (12L * _starts.Length);

    public bool IsUsed(int slot) => _lengths[slot] >= 0;

    public ReadOnlySpan<byte> KeyOf(int slot) => _arena.AsSpan(_starts[slot], _lengths[slot]);

    /// <summary>The slot of a key, or -1.</summary>
    public int Find(ReadOnlySpan<byte> key, uint hash)
    {
        var mask = _index.Length - 1;
        for (var place = (int)(hash & (uint)mask); ; place = (place + 1) & mask)
        {
            var entry = _index[place];
            if (entry == 0)
                return -1;
            if ((uint)(entry >> 32) == hash && Matches((int)(uint)entry - 1, key))
                return (int)(uint)entry - 1;
        }
    }

    public int FindOrAdd(ReadOnlySpan<byte> key, uint hash, out bool added)
    {
        var mask = _index.Length - 1;
        var place = (int)(hash & (uint)mask);
        for (; ; place = (place + 1) & mask)
        {
            var entry = _index[place];
            if (entry == 0)
                break;
            if ((uint)(entry >> 32) == hash && Matches((int)(uint)entry - 1, key))
            {
                added = false;
                return (int)(uint)entry - 1;
            }
        }

        added = true;
        var slot = Store(key, hash);
        _index[place] = (ulong)hash << 32 | (uint)(slot + 1);
        Count++;
        if (Count * 4 > _index.Length * 3)
            Rehash(_index.Length * 2);
        return slot;
    }

    /// <summary>Removes a key; its slot is given out again.</summary>
    public void Remove(int slot)
    {
        var mask = _index.Length - 1;
        var place = (int)(_hashes[slot] & (uint)mask);
        while ((uint)_index[place] != (uint)(slot + 1))
            place = (place + 1) & mask;

        // What stands behind the gap moves up where it may, so that no search ends too early.
        for (var next = (place + 1) & mask; _index[next] != 0; next = (next + 1) & mask)
        {
            var home = (int)((uint)(_index[next] >> 32) & (uint)mask);
            if (((next - home) & mask) < ((next - place) & mask))
                continue;
            _index[place] = _index[next];
            place = next;
        }

        _index[place] = 0;
        Count--;
        _arenaGarbage += _lengths[slot];
        _lengths[slot] = -1;
        _starts[slot] = _firstFree;
        _firstFree = slot;
        if (_arenaGarbage > _arena.Length / 2 && _arenaGarbage > 4096)
            Compact();
    }

    /// <summary>Removes all keys; keeps the memory unless it is much.</summary>
    public void Clear()
    {
        if (_index.Length > 1 << 16)
        {
            (_index, _arena) = (new ulong[FirstSlots * 2], new byte[256]);
            (_starts, _lengths, _hashes) = (new int[FirstSlots], new int[FirstSlots], new uint[FirstSlots]);
        }
        else
        {
            Array.Clear(_index);
        }

        (_arenaUsed, _arenaGarbage, _firstFree, Count, SlotEnd) = (0, 0, -1, 0, 0);
    }

    private bool Matches(int slot, ReadOnlySpan<byte> key) => key.SequenceEqual(_arena.AsSpan(_starts[slot], _lengths[slot]));

    private int Store(ReadOnlySpan<byte> key, uint hash)
    {
        var slot = _firstFree;
        if (slot >= 0)
        {
            _firstFree = _starts[slot];
        }
        else
        {
            slot = SlotEnd++;
            if (slot == _starts.Length)
            {
                Array.Resize(ref _starts, slot * 2);
                Array.Resize(ref _lengths, slot * 2);
                Array.Resize(ref _hashes, slot * 2);
            }
        }

        if (_arena.Length - _arenaUsed < key.Length)
            Array.Resize(ref _arena, checked((int)Math.Min(Array.MaxLength, Math.Max(_arena.Length * 2L, (long)_arenaUsed + key.Length))));
        key.CopyTo(_arena.AsSpan(_arenaUsed));
        _starts[slot] = _arenaUsed;
        _lengths[slot] = key.Length;
        _hashes[slot] = hash;
        _arenaUsed += key.Length;
        return slot;
    }

    private void Rehash(int size)
    {
        var old = _index;
        _index = new ulong[size];
        var mask = size - 1;
        foreach (var entry in old)
        {
            if (entry == 0)
                continue;
            var place = (int)((uint)(entry >> 32) & (uint)mask);
            while (_index[place] != 0)
                place = (place + 1) & mask;
            _index[place] = entry;
        }
    }

    private void Compact()
    {
        var arena = new byte[(int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(256, _arenaUsed - _arenaGarbage))];
        var used = 0;
        for (var slot = 0; slot < SlotEnd; slot++)
        {
            if (_lengths[slot] < 0)
                continue;
            _arena.AsSpan(_starts[slot], _lengths[slot]).CopyTo(arena.AsSpan(used));
            _starts[slot] = used;
            used += _lengths[slot];
        }

        (_arena, _arenaUsed, _arenaGarbage) = (arena, used, 0);
    }
}
