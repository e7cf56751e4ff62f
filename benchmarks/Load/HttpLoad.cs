using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace RealTimeMesh.Benchmarks.Load;

/// <summary>
/// Posts one body over kept connections, one request at a time on each: with <c>wrk</c> as a process where it is
/// installed, else with sockets of this process, which leave the sidecar less of the processor.
/// </summary>
internal static partial class HttpLoad
{
    private const int Connections = 64;

    public static bool HasWrk { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "wrk")));

    public static string Client => HasWrk ? "wrk" : "sockets of the benchmark";

    public static async Task<Throughput> RunAsync(SidecarProcess? sidecar, int port, string path, string body, SidecarSettings settings, CancellationToken cancellationToken)
    {
        if (!HasWrk)
            return await OwnAsync(sidecar, port, path, body, settings, cancellationToken);
        await WrkAsync(port, path, body, settings.WarmUp, cancellationToken);
        var before = sidecar is null ? default : await sidecar.FactsAsync(cancellationToken);
        var (requests, elapsed) = await WrkAsync(port, path, body, settings.Measured, cancellationToken);
        return new Throughput(requests, elapsed, sidecar is null ? default : await sidecar.FactsAsync(cancellationToken) - before);
    }

    private static async Task<(long Requests, TimeSpan Elapsed)> WrkAsync(int port, string path, string body, TimeSpan duration, CancellationToken cancellationToken)
    {
        var script = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(script, $"wrk.method = 'POST'\nwrk.headers['Content-Type'] = 'application/json'\nwrk.body = [==[{body}]==]\n", cancellationToken);
            using var wrk = Process.Start(new ProcessStartInfo("wrk", ["-t1", $"-c{Connections}", $"-d{Math.Ceiling(duration.TotalSeconds)}s", "-s", script, $"http://127.0.0.1:{port}{path}"]) { RedirectStandardOutput = true })!;
            var output = await wrk.StandardOutput.ReadToEndAsync(cancellationToken);
            await wrk.WaitForExitAsync(cancellationToken);
            if (wrk.ExitCode != 0 || output.Contains("Non-2xx", StringComparison.Ordinal) || Summary().Match(output) is not { Success: true } summary)
                throw new InvalidOperationException($"wrk ended with code {wrk.ExitCode}; expected answers of 2xx only. It wrote:\n{output}");
            var rate = double.Parse(Rate().Match(output).Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            var requests = long.Parse(summary.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            return (requests, TimeSpan.FromSeconds(requests / rate));
        }
        finally
        {
            File.Delete(script);
        }
    }

    private static async Task<Throughput> OwnAsync(SidecarProcess? sidecar, int port, string path, string body, SidecarSettings settings, CancellationToken cancellationToken)
    {
        var request = Encoding.UTF8.GetBytes($"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");
        var sockets = new List<Socket>();
        try
        {
            for (var i = 0; i < Connections; i++)
            {
                sockets.Add(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
                await sockets[i].ConnectAsync("127.0.0.1", port, cancellationToken);
            }

            var buffers = sockets.Select(_ => new byte[4096]).ToArray();
            return await ClosedLoop.RunAsync(Connections, settings, caller => PostAsync(sockets[caller], request, buffers[caller], cancellationToken), sidecar, cancellationToken);
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }

    private static async Task PostAsync(Socket socket, byte[] request, byte[] answer, CancellationToken cancellationToken)
    {
        await socket.SendAsync(request, SocketFlags.None, cancellationToken);
        var length = 0;
        while (!answer.AsSpan(0, length).EndsWith("\r\n\r\n"u8))
        {
            var read = await socket.ReceiveAsync(answer.AsMemory(length), SocketFlags.None, cancellationToken);
            if (read == 0)
                throw new IOException($"the sidecar closed the connection after: {Encoding.UTF8.GetString(answer, 0, length)}; expected an answer without a body");
            length += read;
        }

        if (!answer.AsSpan(0, length).StartsWith("HTTP/1.1 204"u8))
            throw new IOException($"the answer is: {Encoding.UTF8.GetString(answer, 0, length)}; expected 204");
    }

    [GeneratedRegex(@"(\d+) requests in ")]
    private static partial Regex Summary();

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex Rate();
}
