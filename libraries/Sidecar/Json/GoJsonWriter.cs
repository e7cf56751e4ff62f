using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using RealTimeMesh.Components;

namespace RealTimeMesh.Sidecar.Json;

/// <summary>
/// JSON as daprd writes what it has decoded: no white space, fields sorted (of a repeated one the last), numbers as Go
/// prints a double, <c>&lt; &gt; &amp;</c> and the line separators escaped in lower case, all other Unicode as it is.
/// One difference on purpose: a whole number that a double cannot hold keeps its digits.
/// </summary>
internal static class GoJsonWriter
{
    private static readonly SearchValues<byte> Special = SearchValues.Create([(byte)'\\', (byte)'<', (byte)'>', (byte)'&', 0xe2]);

    public static byte[] Normalise(JsonElement element)
    {
        var output = new ArrayBufferWriter<byte>(64);
        Write(output, element);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>A number of JSON as Go prints it.</summary>
    public static string Number(JsonElement number) => Number(number, GoJson.Number);

    /// <summary>A number of JSON in a form of Go's.</summary>
    public static string Number(JsonElement number, Func<double, string> form)
    {
        var raw = number.GetRawText();
        if (!double.TryParse(raw, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value))
            return raw;
        var isLongInteger = raw.Length > 15 && raw.AsSpan().IndexOfAny('.', 'e', 'E') < 0;
        return isLongInteger && GoJson.Number(value) != raw ? raw : form(value);
    }

    private static void Write(ArrayBufferWriter<byte> output, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(output, element);
                break;
            case JsonValueKind.Array:
                output.Write("["u8);
                var isFirst = true;
                foreach (var item in element.EnumerateArray())
                {
                    if (!isFirst)
                        output.Write(","u8);
                    isFirst = false;
                    Write(output, item);
                }

                output.Write("]"u8);
                break;
            case JsonValueKind.String:
                WriteText(output, JsonMarshal.GetRawUtf8Value(element)[1..^1]);
                break;
            case JsonValueKind.Number:
                output.Write(Encoding.UTF8.GetBytes(Number(element)));
                break;
            default:
                output.Write(JsonMarshal.GetRawUtf8Value(element));
                break;
        }
    }

    private static void WriteObject(ArrayBufferWriter<byte> output, JsonElement element)
    {
        var fields = new SortedDictionary<string, JsonElement>(Utf8Order.Instance);
        foreach (var property in element.EnumerateObject())
            fields[GoJsonText.NameOf(property)] = property.Value;
        output.Write("{"u8);
        var isFirst = true;
        foreach (var (name, value) in fields)
        {
            if (!isFirst)
                output.Write(","u8);
            isFirst = false;
            output.Write(Encoding.UTF8.GetBytes(GoJson.Quote(name)));
            output.Write(":"u8);
            Write(output, value);
        }

        output.Write("}"u8);
    }

    private static void WriteText(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> raw)
    {
        if (raw.ContainsAny(Special) || !Utf8.IsValid(raw))
        {
            output.Write(Encoding.UTF8.GetBytes(GoJson.Quote(GoJsonText.Decode(raw))));
            return;
        }

        output.Write("\""u8);
        output.Write(raw);
        output.Write("\""u8);
    }

    /// <summary>Go sorts strings by their UTF-8 bytes, which is the order of code points.</summary>
    private sealed class Utf8Order : IComparer<string>
    {
        public static Utf8Order Instance { get; } = new();

        public int Compare(string? x, string? y)
        {
            for (var i = 0; i < x!.Length && i < y!.Length; i++)
            {
                if (x[i] != y[i])
                    return Weight(x[i]) - Weight(y[i]);
            }

            return x.Length - y!.Length;
        }

        /// <summary>Surrogates stand for code points above all others.</summary>
        private static int Weight(char unit) => char.IsSurrogate(unit) ? unit + 0x10000 : unit;
    }
}
