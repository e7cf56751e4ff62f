using System.Buffers;
using System.Text;

namespace RealTimeMesh.Sidecar.Middleware;

/// <summary>Turns UTF-8 to upper case piece by piece. A character may be split between pieces; a byte that is no text becomes U+FFFD.</summary>
internal sealed class UppercaseText
{
    private const int LongestRune = 4;

    private readonly ArrayBufferWriter<byte> _output = new();
    private byte[] _tail = [];

    /// <summary>What can be said of the text so far. Valid until the next call.</summary>
    public ReadOnlyMemory<byte> Next(ReadOnlySpan<byte> piece)
    {
        _output.ResetWrittenCount();
        if (_tail.Length > 0)
            piece = (byte[])[.. _tail, .. piece];
        _tail = [];
        while (!piece.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(piece, out var rune, out var length);
            if (status == OperationStatus.NeedMoreData)
            {
                _tail = piece.ToArray();
                break;
            }

            // As Go: one replacement for each byte.
            Write(rune);
            piece = piece[(status == OperationStatus.Done ? length : 1)..];
        }

        return _output.WrittenMemory;
    }

    /// <summary>What is left of a character whose end never came.</summary>
    public ReadOnlyMemory<byte> End()
    {
        _output.ResetWrittenCount();
        foreach (var _ in _tail)
            Write(Rune.ReplacementChar);
        _tail = [];
        return _output.WrittenMemory;
    }

    private void Write(Rune rune)
    {
        var upper = Rune.ToUpperInvariant(rune);
        _output.Advance(upper.EncodeToUtf8(_output.GetSpan(LongestRune)));
    }
}
