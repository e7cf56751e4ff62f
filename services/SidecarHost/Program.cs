using RealTimeMesh.SidecarHost;

return await SidecarProcess.RunAsync(args);
