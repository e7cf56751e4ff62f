using System.Text;
using System.Text.Json;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Json;

namespace RealTimeMesh.Sidecar.State;

/// <summary>A value of a save or transaction.</summary>
/// <param name="Stored">What goes into the store: JSON over HTTP, the caller's bytes over gRPC.</param>
/// <param name="Text">What is encrypted or published in its place: a JSON string without its quotes, all else as Go prints it.</param>
/// <param name="IsBinary">The caller sent bytes.</param>
internal readonly record struct StateValue(ReadOnlyMemory<byte> Stored, ReadOnlyMemory<byte> Text, bool IsBinary)
{
    /// <summary>What Go makes of a value that is missing.</summary>
    public static StateValue Null { get; } = new("null"u8.ToArray(), "<nil>"u8.ToArray(), IsBinary: false);

    public static StateValue Bytes(ReadOnlyMemory<byte> bytes) => new(bytes, bytes, IsBinary: true);

    public static StateValue Json(JsonElement element)
    {
        if (element.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
            return Null;
        var stored = GoJsonWriter.Normalise(element);
        return element.ValueKind switch
        {
            JsonValueKind.String => new StateValue(stored, Encoding.UTF8.GetBytes(GoJsonText.Of(element)), IsBinary: false),
            JsonValueKind.Number => new StateValue(stored, Encoding.UTF8.GetBytes(GoJsonWriter.Number(element, GoJson.General)), IsBinary: false),
            // Go would print maps and lists in a form that nobody can read back.
            _ => new StateValue(stored, stored, IsBinary: false),
        };
    }
}
