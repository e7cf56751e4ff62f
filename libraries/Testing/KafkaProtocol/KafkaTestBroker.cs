using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace RealTimeMesh.Testing.KafkaProtocol;

/// <summary>
/// A broker on loopback that speaks Kafka's public protocol (kafka.apache.org/protocol) and keeps everything in memory: for tests
/// of what librdkafka's mock cluster does not answer, by any client. One node; no transactions, access control, encryption or
/// retention. Records are kept as the batches the producers sent.
/// </summary>
public sealed class KafkaTestBroker : IAsyncDisposable
{
    /// <summary>The node's own id.</summary>
    internal const int NodeId = 1;

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<ApiKey, int> _counts = new();
    private readonly ConcurrentDictionary<Task, byte> _connections = new();
    private readonly Dictionary<ApiKey, Api> _apis;
    private readonly TcpListener _listener;
    private readonly Groups _groups;
    private readonly Task _accepting;

    public KafkaTestBroker(KafkaTestBrokerOptions? options = null)
    {
        options ??= new KafkaTestBrokerOptions();
        _listener = new TcpListener(IPAddress.Loopback, 0);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        var topics = new Topics(options);
        _groups = new Groups(options);
        Api[] apis =
        [
            .. new ClusterRequests(topics, Port).Apis,
            .. new TopicRequests(topics, _groups).Apis,
            .. new SettingRequests(topics).Apis,
            .. new RecordRequests(topics, options.Time).Apis,
            .. new OffsetRequests(topics, _groups).Apis,
            .. new GroupRequests(_groups).Apis,
        ];
        _apis = apis.Where(api => !options.Without.Contains(api.Key)).ToDictionary(api => api.Key);
        _apis[ApiKey.ApiVersions] = VersionRequests.Of(_apis);
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>Its address, for clients' <c>bootstrap.servers</c>.</summary>
    public string Bootstraps => $"127.0.0.1:{Port}";

    /// <summary>How many requests of a kind have come in.</summary>
    public int Count(ApiKey key) => _counts.GetValueOrDefault(key);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections.Keys);
        _groups.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                client.NoDelay = true;
                var connection = new Connection(client, _apis, key => _counts.AddOrUpdate(key, 1, static (_, count) => count + 1));
                var serving = connection.ServeAsync(_stop.Token);
                _connections.TryAdd(serving, 0);
                _ = serving.ContinueWith(ended => _connections.TryRemove(ended, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The listener was stopped.
        }
    }
}
