using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace RealTimeMesh.Sidecar.Server;

/// <summary>
/// The step from HTTP/1.1 to HTTP/2 that a client asks for by <c>Upgrade: h2c</c> (RFC 7540, section 3.2). The request
/// itself is answered as stream 1: it is put, as a HEADERS frame, behind the SETTINGS frame the client begins with.
/// Requests with a body are not upgraded, which the RFC leaves to the server.
/// </summary>
internal sealed class UpgradeToHttp2(ClearTextHttp2 http2)
{
    private const int PrefaceLength = 24;
    private const int FrameHeaderLength = 9;
    private const int MaxFirstFrame = 16 * 1024;

    public static bool IsAskedFor(HttpContext context) =>
        context.Request.Headers.Upgrade.ToString().Equals("h2c", StringComparison.OrdinalIgnoreCase)
        && context.Request.Headers.ContainsKey("HTTP2-Settings")
        && context.Request.ContentLength is null or 0
        && !context.Request.Headers.ContainsKey("Transfer-Encoding")
        && context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true };

    public async Task RunAsync(HttpContext context)
    {
        var request = HeadersFrame(context);
        context.Response.Headers.Upgrade = "h2c";
        await using var stream = await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
        var input = new Pipe();
        var reading = PumpAsync(stream, input.Writer, request, context.RequestAborted);
        var connection = new UpgradedConnection(context, input.Reader, PipeWriter.Create(stream));
        await http2.RunAsync(connection);
        await reading;
    }

    /// <summary>Passes the client's bytes on; the request goes in behind the preface and the first frame.</summary>
    private static async Task PumpAsync(Stream stream, PipeWriter writer, byte[] request, CancellationToken cancellationToken)
    {
        Exception? fault = null;
        try
        {
            var start = new byte[PrefaceLength + FrameHeaderLength];
            await stream.ReadExactlyAsync(start, cancellationToken);
            var length = (start[PrefaceLength] << 16) | (start[PrefaceLength + 1] << 8) | start[PrefaceLength + 2];
            if (length > MaxFirstFrame)
                throw new InvalidDataException($"the first frame after the upgrade has {length} bytes; expected SETTINGS of at most {MaxFirstFrame}");
            var settings = new byte[length];
            await stream.ReadExactlyAsync(settings, cancellationToken);
            await writer.WriteAsync((byte[])[.. start, .. settings, .. request], cancellationToken);
            await stream.CopyToAsync(writer, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidDataException)
        {
            // The pipeline sees the end of its input, with the cause.
            fault = exception;
        }

        await writer.CompleteAsync(fault);
    }

    /// <summary>HEADERS of stream 1 with END_STREAM and END_HEADERS, its fields as literals (RFC 7541, section 6.2.2).</summary>
    private static byte[] HeadersFrame(HttpContext context)
    {
        using var block = new MemoryStream();
        var request = context.Request;
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget;
        Field(block, ":method", request.Method);
        Field(block, ":scheme", "http");
        Field(block, ":authority", request.Host.Value ?? "");
        Field(block, ":path", string.IsNullOrEmpty(target) ? "/" : target);
        foreach (var (name, values) in request.Headers)
        {
            if (name.ToLowerInvariant() is var lower && lower is not ("connection" or "upgrade" or "http2-settings" or "host" or "keep-alive" or "proxy-connection" or "te" or "content-length"))
            {
                foreach (var value in values)
                    Field(block, lower, value ?? "");
            }
        }

        const byte Headers = 1, EndStreamAndHeaders = 0x5;
        var frame = new byte[FrameHeaderLength + block.Length];
        frame[0] = (byte)(block.Length >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(1), (ushort)block.Length);
        frame[3] = Headers;
        frame[4] = EndStreamAndHeaders;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), 1);
        block.ToArray().CopyTo(frame, FrameHeaderLength);
        return frame;
    }

    private static void Field(MemoryStream block, string name, string value)
    {
        block.WriteByte(0);
        Text(block, name);
        Text(block, value);
    }

    private static void Text(MemoryStream block, string text)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        // An integer with a prefix of 7 bits (RFC 7541, section 5.1).
        if (bytes.Length < 127)
        {
            block.WriteByte((byte)bytes.Length);
        }
        else
        {
            block.WriteByte(127);
            var rest = bytes.Length - 127;
            for (; rest >= 128; rest /= 128)
                block.WriteByte((byte)((rest % 128) + 128));
            block.WriteByte((byte)rest);
        }

        block.Write(bytes);
    }

    /// <summary>The connection as its second protocol sees it.</summary>
    private sealed class UpgradedConnection : ConnectionContext, IDuplexPipe
    {
        private readonly HttpContext _context;

        public UpgradedConnection(HttpContext context, PipeReader input, PipeWriter output)
        {
            _context = context;
            (Input, Output) = (input, output);
            Transport = this;
            ConnectionId = context.Connection.Id + ":h2c";
            LocalEndPoint = context.Connection.LocalIpAddress is { } local ? new System.Net.IPEndPoint(local, context.Connection.LocalPort) : null;
            RemoteEndPoint = context.Connection.RemoteIpAddress is { } remote ? new System.Net.IPEndPoint(remote, context.Connection.RemotePort) : null;
            ConnectionClosed = context.RequestAborted;
            // Kestrel keeps what it needs of a connection in features of its own.
            Features = new FeatureCollection(context.Features.Get<DoorFeature>()!.Connection);
        }

        public override string ConnectionId { get; set; }

        public override IFeatureCollection Features { get; }

        public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

        public override IDuplexPipe Transport { get; set; }

        public PipeReader Input { get; }

        public PipeWriter Output { get; }

        public override void Abort(ConnectionAbortedException abortReason) => _context.Abort();
    }
}
