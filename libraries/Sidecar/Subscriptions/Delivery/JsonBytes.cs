using System.Buffers;
using System.Buffers.Text;
using System.Text.Encodings.Web;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>
/// Writes JSON text into a span that is known to be large enough. Headers are mostly plain ASCII: those are copied
/// after one vectorised look, which takes a quarter of what a general writer takes for each of them.
/// </summary>
internal ref struct JsonBytes(Span<byte> output)
{
    /// <summary>An escaped byte takes at most six.</summary>
    public const int MaxGrowth = 6;

    private static readonly SearchValues<byte> Special = SearchValues.Create([.. Enumerable.Range(0, 0x20).Append('"').Append('\\').Concat(Enumerable.Range(0x7f, 0x81)).Select(value => (byte)value)]);

    private readonly Span<byte> _output = output;

    public int Length { get; private set; }

    /// <summary>Text that is JSON already.</summary>
    public void Raw(scoped ReadOnlySpan<byte> json)
    {
        json.CopyTo(_output[Length..]);
        Length += json.Length;
    }

    /// <summary>A string in quotes; bytes that are no UTF-8 become the replacement character.</summary>
    public void String(scoped ReadOnlySpan<byte> text)
    {
        _output[Length++] = (byte)'"';
        if (text.IndexOfAny(Special) < 0)
        {
            Raw(text);
        }
        else
        {
            var status = JavaScriptEncoder.UnsafeRelaxedJsonEscaping.EncodeUtf8(text, _output[Length..], out _, out var written);
            if (status != OperationStatus.Done)
                throw new InvalidOperationException($"a header of {text.Length} bytes could not be written as JSON: {status}");
            Length += written;
        }

        _output[Length++] = (byte)'"';
    }

    public void EntryId(BulkEntryIds ids, int place)
    {
        _output[Length++] = (byte)'"';
        ids.Write(place, _output[Length..]);
        Length += BulkEntryIds.Length;
        _output[Length++] = (byte)'"';
    }

    /// <summary>Takes back a comma that nothing follows.</summary>
    public void TrimComma()
    {
        if (_output[Length - 1] == (byte)',')
            Length--;
    }

    public void NumberText(long number)
    {
        _output[Length++] = (byte)'"';
        Utf8Formatter.TryFormat(number, _output[Length..], out var written);
        Length += written;
        _output[Length++] = (byte)'"';
    }

    public void Base64Text(scoped ReadOnlySpan<byte> bytes)
    {
        _output[Length++] = (byte)'"';
        Base64.EncodeToUtf8(bytes, _output[Length..], out _, out var written);
        Length += written;
        _output[Length++] = (byte)'"';
    }
}
