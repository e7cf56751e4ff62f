using System.Net.Sockets;

namespace RealTimeMesh.Pluggable;

/// <summary>Connects to a Unix domain socket and tells when the connection is lost.</summary>
internal static class UnixSocketHandler
{
    /// <param name="path">The socket.</param>
    /// <param name="connected">Called for each new connection; returns what to call when it ends.</param>
    public static SocketsHttpHandler Create(string path, Func<Action> connected) => new()
    {
        // A connection ends only when the component goes: an end means that it has to be initialised again.
        PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
        UseProxy = false,
        ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken).ConfigureAwait(false);
                return new WatchedStream(new NetworkStream(socket, ownsSocket: true), connected());
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };

    /// <summary>Why a connection failed, as Go says it.</summary>
    public static string Describe(string path)
    {
        var reason = File.Exists(path) ? "connection refused" : "no such file or directory";
        return $"connection error: desc = \"transport: error while dialing: dial unix {path}: connect: {reason}\"";
    }

    private sealed class WatchedStream(Stream inner, Action lost) : Stream
    {
        private int _told;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                var read = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
                if (read == 0 && buffer.Length > 0)
                    Tell();
                return read;
            }
            catch
            {
                Tell();
                throw;
            }
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                await inner.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                Tell();
                throw;
            }
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

        public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                Tell();
                inner.Dispose();
            }

            base.Dispose(disposing);
        }

        private void Tell()
        {
            if (Interlocked.Exchange(ref _told, 1) == 0)
                lost();
        }
    }
}
