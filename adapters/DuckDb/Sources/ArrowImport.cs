using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Apache.Arrow.C;
using Apache.Arrow.Ipc;
using DuckDB.NET.Data;
using DuckDB.NET.Native;

namespace RealTimeMesh.DuckDb.Sources;

/// <summary>Takes Arrow batches into a session by the C data interface: no value is touched in between.</summary>
internal static class ArrowImport
{
    /// <summary>Creates a temporary table of all rows of a stream; DuckDB's memory limit and spilling hold for it.</summary>
    public static async Task CreateTableAsync(DuckDbSession session, string name, IArrowArrayStream stream, CancellationToken cancellationToken)
    {
        var view = session.NextName("arrow");
        using var exported = new ExportedStream(stream);
        exported.Register(session.Connection, view);
        try
        {
            await session.ExecuteAsync($"CREATE TEMP TABLE {name} AS SELECT * FROM {view}", cancellationToken);
        }
        finally
        {
            await session.ExecuteAsync($"DROP VIEW {view}", CancellationToken.None);
        }
    }

    /// <summary>A stream at an address that DuckDB may keep as long as this lives.</summary>
    private sealed unsafe class ExportedStream : IDisposable
    {
        private readonly CArrowArrayStream* _stream = CArrowArrayStream.Create();

        public ExportedStream(IArrowArrayStream stream) => CArrowArrayStreamExporter.ExportArrayStream(stream, _stream);

        public void Register(DuckDBConnection connection, string view)
        {
            var native = NativeConnectionOf(connection);
            var held = false;
            native.DangerousAddRef(ref held);
            try
            {
                if (Native.ArrowScan(native.DangerousGetHandle(), view, (nint)_stream) != 0)
                    throw new DuckDbFaultException("the Arrow stream cannot be read; expected a schema of types that DuckDB knows.");
            }
            finally
            {
                if (held)
                    native.DangerousRelease();
            }
        }

        public void Dispose() => CArrowArrayStream.Free(_stream);
    }

    // The library keeps its handle to itself and offers no way in for Arrow streams.
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_NativeConnection")]
    private static extern DuckDBNativeConnection NativeConnectionOf(DuckDBConnection connection);

    private static class Native
    {
        [DllImport("duckdb", EntryPoint = "duckdb_arrow_scan")]
        public static extern int ArrowScan(nint connection, [MarshalAs(UnmanagedType.LPUTF8Str)] string view, nint stream);
    }
}
