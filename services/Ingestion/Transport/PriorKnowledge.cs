using System.Buffers;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.AspNetCore.Http.Features;

namespace RealTimeMesh.Ingestion.Transport;

/// <summary>
/// Lets a port without TLS serve HTTP/2 beside HTTP/1.1: a client that knows in advance that it may (RFC 9113, section 3.3)
/// begins with a preface that no request of HTTP/1.1 begins with. Kestrel asks only TLS which protocol a connection speaks,
/// so the preface answers in its place; requests keep the scheme that they say they have.
/// </summary>
internal static class PriorKnowledge
{
    private static readonly TimeSpan FirstBytes = TimeSpan.FromSeconds(130);

    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n"u8;

    public static ConnectionDelegate Recognise(ConnectionDelegate next, TimeProvider time) => async connection =>
    {
        if (connection.Features.Get<ITlsConnectionFeature>() is not null || !await BeginsWithPrefaceAsync(connection, time))
        {
            await next(connection);
            return;
        }

        var answer = new NegotiatedHttp2();
        connection.Features.Set<ITlsConnectionFeature>(answer);
        connection.Features.Set<ITlsApplicationProtocolFeature>(answer);
        await next(connection);
    };

    /// <summary>Looks at the first bytes and leaves them where they are.</summary>
    private static async Task<bool> BeginsWithPrefaceAsync(ConnectionContext connection, TimeProvider time)
    {
        using var limit = new CancellationTokenSource(FirstBytes, time);
        var input = connection.Transport.Input;
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(limit.Token);
                var buffer = read.Buffer;
                var (decided, is2) = Decide(buffer);
                if (decided || read.IsCompleted || read.IsCanceled)
                {
                    input.AdvanceTo(buffer.Start, buffer.Start);
                    return is2;
                }

                input.AdvanceTo(buffer.Start, buffer.End);
            }
        }
        catch (OperationCanceledException)
        {
            connection.Abort(new ConnectionAbortedException($"no request within {FirstBytes}"));
            return false;
        }
        catch (Exception e) when (e is IOException or ConnectionResetException)
        {
            // The server sees the same when it reads.
            return false;
        }
    }

    private static (bool Decided, bool IsHttp2) Decide(in ReadOnlySequence<byte> bytes)
    {
        Span<byte> first = stackalloc byte[Preface.Length];
        var length = (int)Math.Min(bytes.Length, first.Length);
        bytes.Slice(0, length).CopyTo(first);
        var matches = first[..length].SequenceEqual(Preface[..length]);
        return (!matches || length == Preface.Length, matches && length == Preface.Length);
    }

    private sealed class NegotiatedHttp2 : ITlsConnectionFeature, ITlsApplicationProtocolFeature
    {
        private static readonly byte[] Http2 = "h2"u8.ToArray();

        public ReadOnlyMemory<byte> ApplicationProtocol => Http2;

        public X509Certificate2? ClientCertificate { get; set; }

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);
    }
}
