using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace RealTimeMesh.Kafka.Tests;

/// <summary>librdkafka's mock cluster: brokers that speak Kafka's protocol on loopback, in this process, for any client.</summary>
internal sealed class MockCluster : IDisposable
{
    private readonly HashSet<string> _topics = new(StringComparer.Ordinal);
    private readonly nint _client;
    private readonly nint _cluster;

    public MockCluster(int brokers = 1)
    {
        var configuration = Native.rd_kafka_conf_new();
        var error = new byte[512];
        _ = Native.rd_kafka_conf_set(configuration, "log_level", "0", error, (nuint)error.Length);
        if (Native.rd_kafka_conf_set(configuration, "test.mock.num.brokers", $"{brokers}", error, (nuint)error.Length) != 0)
            throw new InvalidOperationException(Text(error));
        _client = Native.rd_kafka_new(0, configuration, error, (nuint)error.Length);
        if (_client == 0)
            throw new InvalidOperationException(Text(error));
        _cluster = Native.rd_kafka_handle_mock_cluster(_client);
        Bootstraps = Marshal.PtrToStringUTF8(Native.rd_kafka_mock_cluster_bootstraps(_cluster))!;
        // Real brokers wait three seconds for a group's first members.
        Native.rd_kafka_mock_group_initial_rebalance_delay_ms(_cluster, 100);
    }

    /// <summary>Addresses, comma-separated.</summary>
    public string Bootstraps { get; }

    /// <summary>Creates a topic, once.</summary>
    public void CreateTopic(string topic, int partitions)
    {
        lock (_topics)
        {
            if (_topics.Add(topic))
                Check(Native.rd_kafka_mock_topic_create(_cluster, topic, partitions, 1));
        }
    }

    public void SetDown(int broker) => Check(Native.rd_kafka_mock_broker_set_down(_cluster, broker));

    public void SetUp(int broker) => Check(Native.rd_kafka_mock_broker_set_up(_cluster, broker));

    /// <summary>Milliseconds that the broker takes for each answer.</summary>
    public void SetRoundTrip(int broker, int milliseconds) => Check(Native.rd_kafka_mock_broker_set_rtt(_cluster, broker, milliseconds));

    /// <summary>The next requests of a kind (<see cref="ApiKey"/>) are answered with these errors.</summary>
    public void PushErrors(short apiKey, params ErrorCode[] errors) =>
        Native.rd_kafka_mock_push_request_errors_array(_cluster, apiKey, (nuint)errors.Length, [.. errors.Select(e => (int)e)]);

    /// <summary>Kinds of the requests since the last <see cref="TrackRequests"/>.</summary>
    public IReadOnlyList<short> Requests
    {
        get
        {
            var array = Native.rd_kafka_mock_get_requests(_cluster, out var count);
            var kinds = new short[(int)count];
            for (var i = 0; i < kinds.Length; i++)
                kinds[i] = Native.rd_kafka_mock_request_api_key(Marshal.ReadIntPtr(array, i * nint.Size));
            Native.rd_kafka_mock_request_destroy_array(array, count);
            return kinds;
        }
    }

    /// <summary>Begins to note requests.</summary>
    public void TrackRequests() => Native.rd_kafka_mock_start_request_tracking(_cluster);

    public void Dispose() => Native.rd_kafka_destroy(_client);

    private static void Check(int error)
    {
        if (error != 0)
            throw new InvalidOperationException($"mock cluster: {(ErrorCode)error}");
    }

    private static string Text(byte[] error) => System.Text.Encoding.UTF8.GetString(error).TrimEnd('\0');

    /// <summary>Numbers of requests in Kafka's protocol.</summary>
    public static class ApiKey
    {
        public const short Produce = 0;
        public const short OffsetCommit = 8;
        public const short LeaveGroup = 13;
    }

    private static class Native
    {
        private const string Library = "librdkafka";

        static Native() => NativeLibrary.SetDllImportResolver(typeof(Native).Assembly, (name, assembly, path) => name == Library ? Load(assembly) : 0);

        /// <summary>The package carries several builds; the first needs a system library that not every system has.</summary>
        private static nint Load(System.Reflection.Assembly assembly)
        {
            foreach (var build in (string[])["librdkafka", "centos8-librdkafka", "alpine-librdkafka"])
            {
                if (NativeLibrary.TryLoad(build, assembly, DllImportSearchPath.AssemblyDirectory, out var handle))
                    return handle;
            }

            return 0;
        }

        [DllImport(Library)]
        public static extern nint rd_kafka_conf_new();

        [DllImport(Library, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
        public static extern int rd_kafka_conf_set(nint configuration, [MarshalAs(UnmanagedType.LPUTF8Str)] string name, [MarshalAs(UnmanagedType.LPUTF8Str)] string value, byte[] error, nuint errorBytes);

        [DllImport(Library)]
        public static extern nint rd_kafka_new(int type, nint configuration, byte[] error, nuint errorBytes);

        [DllImport(Library)]
        public static extern void rd_kafka_destroy(nint client);

        [DllImport(Library)]
        public static extern nint rd_kafka_handle_mock_cluster(nint client);

        [DllImport(Library)]
        public static extern nint rd_kafka_mock_cluster_bootstraps(nint cluster);

        [DllImport(Library)]
        public static extern void rd_kafka_mock_group_initial_rebalance_delay_ms(nint cluster, int milliseconds);

        [DllImport(Library)]
        public static extern int rd_kafka_mock_topic_create(nint cluster, [MarshalAs(UnmanagedType.LPUTF8Str)] string topic, int partitions, int replicas);

        [DllImport(Library)]
        public static extern int rd_kafka_mock_broker_set_down(nint cluster, int broker);

        [DllImport(Library)]
        public static extern int rd_kafka_mock_broker_set_up(nint cluster, int broker);

        [DllImport(Library)]
        public static extern int rd_kafka_mock_broker_set_rtt(nint cluster, int broker, int milliseconds);

        [DllImport(Library)]
        public static extern void rd_kafka_mock_start_request_tracking(nint cluster);

        [DllImport(Library)]
        public static extern nint rd_kafka_mock_get_requests(nint cluster, out nuint count);

        [DllImport(Library)]
        public static extern void rd_kafka_mock_request_destroy_array(nint requests, nuint count);

        [DllImport(Library)]
        public static extern short rd_kafka_mock_request_api_key(nint request);

        [DllImport(Library)]
        public static extern void rd_kafka_mock_push_request_errors_array(nint cluster, short apiKey, nuint count, int[] errors);
    }
}
