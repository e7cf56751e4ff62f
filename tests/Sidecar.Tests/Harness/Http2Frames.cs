using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;

namespace RealTimeMesh.Sidecar.Tests;

/// <summary>HTTP/2 by hand (RFC 9113, RFC 7541 without a table), for clients that behave as no library does.</summary>
internal static class Http2Frames
{
    private const byte Data = 0;
    private const byte Headers = 1;
    private const byte Settings = 4;
    private const byte EndHeaders = 4;

    /// <summary>A connection's first bytes and a gRPC call on stream 1, with one message and no end.</summary>
    public static byte[] Call(string path, IMessage message)
    {
        byte[] block =
        [
            0x83, // :method POST
            0x86, // :scheme http
            0x04, .. Text(path),
            0x01, .. Text("localhost"),
            0x0f, 0x10, .. Text("application/grpc"),
            0x00, .. Text("te"), .. Text("trailers"),
        ];
        var payload = new byte[5 + message.CalculateSize()];
        BinaryPrimitives.WriteInt32BigEndian(payload.AsSpan(1), payload.Length - 5);
        message.WriteTo(payload.AsSpan(5));
        return [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(Settings, 0, 0, []), .. Frame(Headers, EndHeaders, 1, block), .. Frame(Data, 0, 1, payload)];
    }

    /// <summary>Reads until the server sends a message on stream 1.</summary>
    public static async Task BegunAsync(Stream connection)
    {
        var head = new byte[9];
        while (true)
        {
            await connection.ReadExactlyAsync(head);
            var length = BinaryPrimitives.ReadInt32BigEndian(head) >>> 8;
            await connection.ReadExactlyAsync(new byte[length]);
            if (head[3] == Data && BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)) == 1)
                return;
        }
    }

    private static byte[] Frame(byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8);
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        return frame;
    }

    private static byte[] Text(string text) => [(byte)text.Length, .. Encoding.ASCII.GetBytes(text)];
}
