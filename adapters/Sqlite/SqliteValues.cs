using System.Buffers;
using System.Buffers.Text;
using System.Text;
using RealTimeMesh.Components;

namespace RealTimeMesh.Sqlite;

/// <summary>Values as daprd's component stores them: JSON as its text, bytes in base64.</summary>
internal static class SqliteValues
{
    public static string Text(StateOperation operation) => operation.IsJson
        ? Encoding.UTF8.GetString(operation.Value.Span)
        : Convert.ToBase64String(operation.Value.Span);

    public static ReadOnlyMemory<byte> FromBase64(string key, byte[] text)
    {
        // Decoded where it stands: the bytes never need more room than their text.
        return Base64.DecodeFromUtf8InPlace(text, out var length) == OperationStatus.Done
            ? text.AsMemory(0, length)
            : throw new SqliteStoreException($"key '{key}': failed to decode binary data: found a value that is not base64 although is_binary is set; correct the row.");
    }
}
