using System.Text;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>
/// Ids of the entries of one batch, each a UUID of its own: a random start that they share and the place in the batch. So
/// an answer is read without a table.
/// </summary>
internal readonly struct BulkEntryIds
{
    /// <summary>Bytes of an id.</summary>
    public const int Length = 36;

    private const int PrefixLength = 24;

    private readonly byte[] _prefix;

    private BulkEntryIds(byte[] prefix) => _prefix = prefix;

    public static BulkEntryIds Create() => new(Encoding.ASCII.GetBytes(Guid.NewGuid().ToString()[..PrefixLength]));

    /// <summary>Writes the id of a place: <see cref="Length"/> bytes.</summary>
    public void Write(int place, Span<byte> output)
    {
        _prefix.CopyTo(output);
        var rest = (uint)place;
        for (var i = Length - 1; i >= PrefixLength; i--, rest >>= 4)
            output[i] = "0123456789abcdef"u8[(int)(rest & 15)];
    }

    public string Text(int place)
    {
        Span<byte> id = stackalloc byte[Length];
        Write(place, id);
        return Encoding.ASCII.GetString(id);
    }

    /// <summary>The place an id stands for; -1 where it is none of this batch.</summary>
    public int PlaceOf(ReadOnlySpan<byte> id)
    {
        if (id.Length != Length || !id.StartsWith(_prefix))
            return -1;
        long place = 0;
        foreach (var digit in id[PrefixLength..])
        {
            var value = digit switch { >= (byte)'0' and <= (byte)'9' => digit - '0', >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10, _ => -1 };
            if (value < 0)
                return -1;
            place = (place << 4) | (uint)value;
        }

        return place <= int.MaxValue ? (int)place : -1;
    }

    public int PlaceOf(string id)
    {
        Span<byte> bytes = stackalloc byte[Length];
        return id.Length == Length && Encoding.UTF8.TryGetBytes(id, bytes, out var written) ? PlaceOf(bytes[..written]) : -1;
    }
}
